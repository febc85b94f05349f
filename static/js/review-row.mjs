/** One review as a row: name, state, sections as segments, when it came, rename and delete. */
import { el, icon } from "./dom.mjs";
import { nameOf } from "./people.mjs";
import { ago, counted, fullTime, isActive } from "./words.mjs";

/** @typedef {import("./reviews-list.mjs").Summary} Summary @typedef {import("./reviews-tallies.mjs").Tally} Tally */

/** @param {Summary} review @returns {[string, string]} state for icon and colour, words */
function state({ total_sections: total, completed, failed, active, document_pass: whole, signed_off: signed }) {
  if (signed) return ["decided", "Signed off"];
  if (active > 0 || isActive(whole)) return ["running", "Analysing"];
  if (failed > 0) return ["failed", `${counted(failed, "section")} failed`];
  if (whole === "failed") return ["failed", "Whole document failed"];
  if (completed === 0) return ["not_started", "Not reviewed"];
  return completed < total ? ["reviewing", "Partly reviewed"] : ["completed", "Reviewed"];
}

/** @param {Summary} review */
function segments({ total_sections: total, completed, failed, active }) {
  const rest = Math.max(total - completed - failed - active, 0);
  const runs = [["completed", completed], ["running", active], ["failed", failed], ["not_started", rest]];
  const items = runs.flatMap(([name, count]) => Array.from({ length: Number(count) }, () => el("li", { "data-state": name })));
  return el("ol", { class: "segments", role: "list", "aria-hidden": true }, ...items);
}

/** @param {Summary} review @param {Tally|undefined} tally */
function progressWords({ total_sections: total, completed }, tally) {
  const read = completed === 0 ? `${counted(total, "section")} found` : completed === total ? `${total > 1 ? "all " : ""}${counted(total, "section")}` : `${completed} of ${counted(total, "section")}`;
  return tally && tally.total > 0 ? `${read}, ${tally.decided} of ${tally.total} decided` : read;
}

/** @param {string} name @param {string} symbol @param {() => void} act */
function tool(name, symbol, act) {
  const looks = { class: "button", "data-variant": "quiet", "data-icon-only": true };
  return el("button", { ...looks, type: "button", "aria-label": name, title: name, onclick: act }, icon(symbol));
}

const KINDS = { docx: "Word", pdf: "PDF", text: "Text" };

/** mine: renaming and deleting are the owner's. @param {Summary} review @param {Tally|undefined} tally of its findings
 *  @param {{mine: boolean, rename: () => void, remove: () => void}} options */
export function reviewRow(review, tally, { mine, rename, remove }) {
  const [name, words] = state(review);
  const created = new Date(review.created_at);
  const about = review.pages ? counted(review.pages, "page") : KINDS[review.kind];
  return el("tr", {},
    el("th", { scope: "row" }, el("a", { href: `/review/${review.session_id}` }, review.document_name),
      el("small", {}, about, !mine && `, shared by ${nameOf(review.owner)}`)),
    el("td", { class: "fit" }, el("span", { class: "label", "data-state": name }, icon(symbolOf(name)), words)),
    el("td", { class: "progress-cell" }, segments(review), el("small", {}, progressWords(review, tally))),
    el("td", { class: "fit number" }, el("time", { datetime: review.created_at, title: fullTime.format(created) }, ago(created))),
    el("td", { class: "fit" }, mine && el("div", { class: "row-tools" },
      tool(`Rename ${review.document_name}`, "edit", rename),
      tool(`Delete ${review.document_name}`, "trash", remove))));
}

/** @param {string} name */
const symbolOf = (name) => ({ reviewing: "edit", decided: "lock" })[name] ?? `state-${name}`;
