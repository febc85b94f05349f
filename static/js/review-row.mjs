/** One review as a row: name, state, sections as segments, when it came, rename and delete. */
import { el, icon } from "./dom.mjs";
import { ago, counted, fullTime } from "./words.mjs";

/** @typedef {import("./reviews-list.mjs").Summary} Summary */

/** @param {Summary} review @returns {[string, string]} state for icon and colour, words */
function state({ total_sections: total, completed, failed, active, signed_off: signed }) {
  if (signed) return ["decided", "Signed off"];
  if (active > 0) return ["running", "Analysing"];
  if (failed > 0) return ["failed", `${counted(failed, "section")} failed`];
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

/** @param {Summary} review */
function sectionWords({ total_sections: total, completed }) {
  if (completed === 0) return `${counted(total, "section")} found`;
  return completed === total ? `all ${counted(total, "section")}` : `${completed} of ${counted(total, "section")}`;
}

/** @param {string} name @param {string} symbol @param {() => void} act */
function tool(name, symbol, act) {
  const looks = { class: "button", "data-variant": "quiet", "data-icon-only": true };
  return el("button", { ...looks, type: "button", "aria-label": name, title: name, onclick: act }, icon(symbol));
}

/** mine: renaming and deleting are the owner's. @param {Summary} review
 *  @param {{mine: boolean, rename: () => void, remove: () => void}} options */
export function reviewRow(review, { mine, rename, remove }) {
  const [name, words] = state(review);
  const created = new Date(review.created_at);
  const about = review.pages ? counted(review.pages, "page") : review.kind === "pdf" ? "PDF" : "Word";
  return el("tr", {},
    el("th", { scope: "row" }, el("a", { href: `/review/${review.session_id}` }, review.document_name),
      el("small", {}, about, !mine && `, shared by ${review.owner}`)),
    el("td", { class: "fit" }, el("span", { class: "label", "data-state": name }, icon(symbolOf(name)), words)),
    el("td", { class: "progress-cell" }, segments(review), el("small", {}, sectionWords(review))),
    el("td", { class: "fit number" }, el("time", { datetime: review.created_at, title: fullTime.format(created) }, ago(created))),
    el("td", { class: "fit" }, mine && el("div", { class: "row-tools" },
      tool(`Rename ${review.document_name}`, "edit", rename),
      tool(`Delete ${review.document_name}`, "trash", remove))));
}

/** @param {string} name */
const symbolOf = (name) => ({ reviewing: "edit", decided: "lock" })[name] ?? `state-${name}`;
