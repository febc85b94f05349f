/** What the next question is about: the whole write-up, one section, or one finding; shown as a chip until taken away. */
import { el, part, setText } from "./dom.mjs";
import { keep, recall } from "./kept.mjs";
import { finding, isLoaded, onReview, section, sections, sessionId } from "./review.mjs";
import { show as showPane } from "./panes.mjs";
import { showTab } from "./tabs.mjs";
import { currentId, onView } from "./view.mjs";

/** @typedef {import("./chat-conversation.mjs").Scope} Scope */

const key = `scope:${sessionId}`;
const whole = "";
const oneFinding = "finding";
const titleOf = (/** @type {{label: string, name: string}} */ { label, name }) => `${label} ${name}`.trim();
/** @type {Scope} */
let scope = JSON.parse(recall("tab", key) ?? "{}");
const bus = new EventTarget();

export const chosenScope = () => scope;
/** @param {() => void} act */
export const onScope = (act) => bus.addEventListener("scope", act);

/** @param {string|null} id @returns {string} a section's label and name */
export function sectionTitle(id) {
  const found = id === null ? undefined : section(id);
  return found ? titleOf(found) : "";
}

/** @param {Scope|{section_id: string|null, finding_id: string|null}} about @returns {string} */
export function scopeWords({ section_id: sectionId, finding_id: findingId }) {
  if (findingId) return `about the finding “${finding(findingId)?.category ?? "no longer there"}”`;
  return sectionId ? `about ${sectionTitle(sectionId) || "a section"}` : "about the whole write-up";
}

/** @param {Scope} wanted */
function choose(wanted) {
  scope = wanted;
  keep("tab", key, JSON.stringify(scope));
  bus.dispatchEvent(new Event("scope"));
}

/** The next question is about something chosen elsewhere on the page. @param {Scope} wanted */
export function askAbout(wanted) {
  choose(wanted);
  showPane("findings");
  showTab("chat");
  document.getElementById("question")?.focus();
}

/** @param {HTMLElement} panel */
export function mountScope(panel) {
  const select = /** @type {HTMLSelectElement} */ (part(panel, "scope"));
  const chip = part(panel, "scope-chip");
  const ofFinding = /** @type {HTMLOptionElement} */ (el("option", { value: oneFinding }));
  const group = el("optgroup", { label: "A section" });
  select.append(el("option", { value: whole }, "The whole write-up"), ofFinding, group);

  const draw = () => {
    // What a question is about stays, whichever card is open meanwhile.
    const about = finding(scope.finding_id ?? currentId());
    setText(ofFinding, about ? `The finding: ${about.category}` : "The open finding");
    ofFinding.disabled = !about;
    const value = scope.finding_id ? oneFinding : scope.section_id ?? whole;
    if (select.value !== value) select.value = value;
    chip.hidden = value === whole;
    setText(part(chip, "scope-words"), chip.hidden ? "" : `Asks ${scopeWords(scope)}`);
  };
  select.addEventListener("change", () => {
    const id = currentId();
    if (select.value === oneFinding) choose(id ? { finding_id: id } : {});
    else choose(select.value === whole ? {} : { section_id: select.value });
  });
  part(chip, "scope-off").addEventListener("click", () => {
    choose({});
    select.focus();
  });
  onReview(({ kind }) => {
    if (kind !== "loaded") return;
    group.replaceChildren(...sections().map((one) => el("option", { value: one.id }, titleOf(one))));
    const gone = (scope.finding_id && !finding(scope.finding_id)) || (scope.section_id && !section(scope.section_id));
    if (gone) choose({});
    else draw();
  });
  onView(() => { if (isLoaded()) draw(); });
  onScope(draw);
  draw();
}
