/** What the next question is about: the whole write-up, the open finding, or one section. */
import { el, setText } from "./dom.mjs";
import { finding, onReview, section, sections } from "./review.mjs";
import { currentId, onView } from "./view.mjs";

/** @typedef {import("./chat-conversation.mjs").Scope} Scope */

const whole = "";
const openFinding = "finding";
const titleOf = (/** @type {{label: string, name: string}} */ { label, name }) => `${label} ${name}`.trim();

/** @param {string|null} id @returns {string} a section's label and name */
export function sectionTitle(id) {
  const found = id === null ? undefined : section(id);
  return found ? titleOf(found) : "";
}

/** @param {Scope|{section_id: string|null, finding_id: string|null}} scope @returns {string} */
export function scopeWords({ section_id: sectionId, finding_id: findingId }) {
  if (findingId) return `about the finding “${finding(findingId)?.category ?? "no longer there"}”`;
  return sectionId ? `about ${sectionTitle(sectionId) || "a section"}` : "about the whole write-up";
}

/** @param {HTMLSelectElement} select @returns {Scope} */
export function chosen(select) {
  const id = currentId();
  if (select.value === openFinding) return id ? { finding_id: id } : {};
  return select.value === whole ? {} : { section_id: select.value };
}

/** @param {HTMLSelectElement} select */
export function mountScope(select) {
  const ofFinding = /** @type {HTMLOptionElement} */ (el("option", { value: openFinding }));
  const group = el("optgroup", { label: "A section" });
  select.append(el("option", { value: whole }, "The whole write-up"), ofFinding, group);
  onReview(({ kind }) => {
    if (kind === "loaded" && group.childElementCount !== sections().length) {
      group.replaceChildren(...sections().map((one) => el("option", { value: one.id }, titleOf(one))));
    }
  });
  const follow = () => {
    const current = finding(currentId());
    setText(ofFinding, current ? `The open finding: ${current.category}` : "The open finding");
    ofFinding.disabled = !current;
    if (!current && select.value === openFinding) select.value = whole;
  };
  onView(follow);
  follow();
}
