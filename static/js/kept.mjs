/** What this browser remembers for its user; nothing, where storage is switched off or full. */

/** @param {"tab"|"browser"} where how long it lasts */
const storageOf = (where) => (where === "tab" ? sessionStorage : localStorage);

/** @param {"tab"|"browser"} where @param {string} key @returns {string|null} */
export function recall(where, key) {
  try {
    return storageOf(where).getItem(key);
  } catch {
    return null;
  }
}

/** @param {"tab"|"browser"} where @param {string} key @param {string} value */
export function keep(where, key, value) {
  try {
    storageOf(where).setItem(key, value);
  } catch {
    // The page works without; it only forgets.
  }
}
