/** Rows of the outline, made anew when the sections are others than those that came with the page. */
import { el, icon } from "./dom.mjs";
import { canDecide } from "./review.mjs";
import { markOfSection } from "./version-notice.mjs";
import { stateWords } from "./words.mjs";

/** @typedef {import("./review.mjs").Section} Section */

/** What a row consists of that only a change of the outline changes. @param {Section} section */
const identity = ({ id, name, label, first_block: first }) => [id, name, label, first].join("|");
/** @type {string|null} */
let drawn = null;

/** @param {Section[]} sections @returns {boolean} whether rows have to be made; not when the page came with them */
export function areOthers(sections) {
  const wanted = sections.map(identity).join("\n");
  const others = drawn !== null && drawn !== wanted;
  drawn = wanted;
  return others;
}

/** @param {string} id */
const sectionMark = (id) => markOfSection(id) !== "" && el("span", { class: "version-mark" }, markOfSection(id));

/** As the page has it at first. @param {Section} section */
export function outlineRow({ id, name, label, level, page, status, first_block: first }) {
  const word = el("span", { class: "visually-hidden", "data-part": "word" }, stateWords[status]);
  const number = page !== null && [el("span", { class: "visually-hidden" }, "page "), el("span", { "aria-hidden": "true" }, "p. "), `${page}`];
  const link = el("a", { class: "outline-item", href: `#${first}`, "data-level": level },
    el("span", { class: "state-icon", "data-state": status, "data-part": "state" }, icon(`state-${status}`), word),
    el("span", { class: "name" }, label !== "" && el("span", { class: "outline-no" }, label), el("span", {}, name), sectionMark(id)),
    el("span", { class: "page-no" }, ...(number || [])),
    el("span", { class: "open-count", "data-part": "open" }));
  const edit = canDecide() && el("button", {
    class: "button outline-edit", "data-variant": "quiet", "data-size": "s", "data-icon-only": true, type: "button",
    "data-edits": id, "aria-label": `Change section: ${name}`,
  }, icon("edit"));
  return el("li", { "data-section": id }, link, edit, el("div", { class: "outline-state", "data-part": "about" }));
}

/** @param {Section} section */
export const segment = ({ id, status }) =>
  el("li", { "data-section": id, "data-state": status }, el("span", { class: "visually-hidden" }));
