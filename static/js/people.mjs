/** What people are called: answers name users by their ids, and say the names of those ids. */

export const userId = document.body.dataset.user ?? "";
/** @type {Map<string, string>} */
const names = new Map();

/** @param {Record<string, string>} people names by id, of an answer */
export function meet(people) {
  for (const [id, name] of Object.entries(people)) names.set(id, name);
}

/** @param {string} id */
export const nameOf = (id) => names.get(id) ?? id;
/** @param {string} id @param {string} [you] */
export const who = (id, you = "You") => (id === userId ? you : nameOf(id));
