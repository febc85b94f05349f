/** The rows of my reviews: only what is different is drawn anew, and the focus stays where it was. */
import { arrange } from "./dom.mjs";
import { userId } from "./people.mjs";
import { askDelete, askName } from "./review-dialogs.mjs";
import { reviewRow } from "./review-row.mjs";
import { tallyOf } from "./reviews-tallies.mjs";

/** @typedef {import("./reviews-list.mjs").Summary} Summary */
/** @typedef {{drawn: string, row: HTMLElement}} Row */

/** What in a row can have the focus. @param {Row|undefined} drawn @returns {HTMLElement[]} */
const controlsOf = (drawn) => [...(drawn?.row.querySelectorAll("a, button") ?? [])].map((one) => /** @type {HTMLElement} */ (one));

/** @param {HTMLElement} place @param {{anew: () => Promise<unknown>}} act anew: a review was renamed or deleted */
export function reviewRows(place, { anew }) {
  /** @type {Map<string, Row>} */
  let rows = new Map();
  /** @type {Summary[]|null} what came while a dialog was open: the focus goes back to what opened it, in a row */
  let later = null;

  /** @param {Summary} review @returns {Row} */
  function rowOf(review) {
    const tally = tallyOf(review.session_id);
    const drawn = JSON.stringify([review, tally]);
    const known = rows.get(review.session_id);
    if (known?.drawn === drawn) return known;
    const row = reviewRow(review, tally, {
      mine: review.owner === userId,
      rename: () => askName(review, anew),
      remove: () => askDelete(review, anew),
    });
    return { drawn, row };
  }

  /** @param {Summary[]} sessions */
  function draw(sessions) {
    const dialog = document.querySelector("dialog[open]");
    if (dialog) {
      if (!later) dialog.addEventListener("close", drawLater, { once: true });
      later = sessions;
      return;
    }
    const held = document.activeElement;
    const [id] = [...rows].find(([, { row }]) => row.contains(held)) ?? [];
    const at = id ? controlsOf(rows.get(id)).indexOf(/** @type {HTMLElement} */ (held)) : -1;
    rows = new Map(sessions.map((review) => [review.session_id, rowOf(review)]));
    arrange(place, [...rows.values()].map(({ row }) => row));
    // The row that had the focus was drawn anew.
    if (id && !held?.isConnected) controlsOf(rows.get(id))[at]?.focus();
  }

  function drawLater() {
    const sessions = later ?? [];
    later = null;
    draw(sessions);
  }

  return {
    draw,
    /** @param {number} at row from 0 */
    focus(at) {
      controlsOf([...rows.values()][at])[0]?.focus();
    },
  };
}
