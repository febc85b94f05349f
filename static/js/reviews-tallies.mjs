/** "12 of 30 decided": asked for behind the list, a few reviews at a time, and again for those that moved. */
import { json } from "./api.mjs";

/** @typedef {import("./reviews-list.mjs").Summary} Summary @typedef {{decided: number, total: number}} Tally */

const atOnce = 10;
/** @type {Map<string, {of: string, tally: Tally}>} review -> what it was asked for, and the answer */
const known = new Map();
let busy = false;
/** What to ask for after what is being asked for now. @type {Summary[]|null} */
let next = null;

/** @param {string} id @returns {Tally|undefined} */
export const tallyOf = (id) => known.get(id)?.tally;

/** The next call asks for all of them anew: somebody may have decided meanwhile. */
export function forgetTallies() {
  for (const [id, { tally }] of known) known.set(id, { of: "", tally });
}

/** @param {Summary[]} reviews @param {() => void} news called after each few */
export async function askTallies(reviews, news) {
  if (busy) { next = reviews; return; }
  busy = true;
  const state = (/** @type {Summary} */ { completed, failed, active, document_pass: whole }) => [completed, failed, active, whole].join();
  const wanted = reviews.filter((one) => known.get(one.session_id)?.of !== state(one));
  for (let at = 0; at < wanted.length; at += atOnce) {
    const few = wanted.slice(at, at + atOnce);
    const ids = few.map(({ session_id: id }) => id);
    const { tallies } = await json("GET", `/sessions/tallies?ids=${ids.join(",")}`).catch(() => ({ tallies: {} }));
    for (const one of few) {
      const tally = tallies[one.session_id];
      if (tally) known.set(one.session_id, { of: state(one), tally });
    }
    news();
  }
  busy = false;
  const later = next;
  next = null;
  if (later) askTallies(later, news);
}
