/** A new version of a document: how many findings are new, as they arrive; marks on findings and sections. */
import { part, setText } from "./dom.mjs";
import { formerVersion, onReview } from "./review.mjs";

/** @typedef {import("./review.mjs").Section} Section */

/** What became of a finding since the former version, "" when there is nothing to say. @param {string} id */
export function markOfFinding(id) {
  const made = formerVersion();
  if (!made) return "";
  const carried = made.carried.find(({ finding_id: one }) => one === id);
  if (carried?.how === "moved") return `Moved from ${carried.was_in}`;
  if (carried?.how === "near") return "Carried over, words differ";
  if (carried) return "Carried over";
  return made.new.includes(id) ? "New" : "";
}

/** @param {string} id of a section */
export function markOfSection(id) {
  const groups = formerVersion()?.sections;
  if (groups?.changed.includes(id)) return "Changed";
  return groups?.added.includes(id) ? "New" : "";
}

/** @param {HTMLElement} notice */
export function mount(notice) {
  onReview(({ kind }) => {
    const made = formerVersion();
    if (kind === "loaded" && made) setText(part(notice, "new"), `${made.new.length} new`);
  });
}
