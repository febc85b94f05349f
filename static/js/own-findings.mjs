/** A finding of one's own, on the words that are selected in the document or on a section as a whole. */
import { json } from "./api.mjs";
import { toast, toastFailure } from "./announce.mjs";
import { el, icon, part } from "./dom.mjs";
import { draftOf, keepDraft, ownDraft } from "./drafts.mjs";
import { findingForm, focusForm } from "./finding-form.mjs";
import { problemNotice } from "./notices.mjs";
import { show as showPane } from "./panes.mjs";
import { selectedPlace } from "./ranges.mjs";
import { address, canDecide, finding, insert, onReview, remove, section, sections } from "./review.mjs";
import { showTab } from "./tabs.mjs";
import { currentId, letIn, select } from "./view.mjs";

/** @typedef {import("./ranges.mjs").Place} Place */
/** @typedef {{place: Place|null, section: string, category?: string, description?: string}} Beginning */
/** @typedef {{from: Beginning, worded: import("./finding-form.mjs").Worded}} Draft */

const fresh = { type: "important", risk_level: "medium", category: "", description: "", suggestion: "" };
/** @type {HTMLElement} */
let slot;

/** The words selected in the document now, or else the section that is being read. @returns {Beginning|null} */
function beginning() {
  const place = selectedPlace();
  const current = finding(currentId())?.section_id ?? sections()[0]?.id;
  return place || current ? { place, section: current } : null;
}

/** @param {Beginning} from */
function about({ place, section: id }) {
  if (!place) {
    const name = section(id)?.name;
    return [el("p", { class: "quote", "data-unanchored": true }, `About ${name ? `${name} as a whole` : "the whole document"}. Select words in the document first to tie it to them.`)];
  }
  return [el("p", { class: "quote" }, el("span", {}, `“${place.quote}”`))];
}

/** @param {Beginning|null} [from] null: what is selected */
export function begin(from = null) {
  const start = from ?? beginning();
  if (!canDecide() || !start) return;
  showPane("findings");
  showTab("findings");
  const draft = draftOf(ownDraft);
  const { category = "", description = "" } = start;
  if (!draft) write({ from: start, worded: { ...fresh, category, description } });
  else if (description === "") write({ ...draft, from: start.place ? start : draft.from });
  else toast("Another finding is being written. Add it or cancel it first.");
  slot.scrollIntoView({ block: "start" });
  focusForm(slot);
}

/** @param {Draft} draft */
function write({ from, worded }) {
  const trouble = el("div", { role: "alert" });
  const typed = (/** @type {object} */ now) => keepDraft(ownDraft, { from, worded: now });
  if (worded.description !== "" || draftOf(ownDraft)) typed(worded);
  const act = (/** @type {any} */ done) => save(from, done, trouble);
  const form = findingForm(worded, { save: "Add finding", act, back: close, typed, also: trouble });
  slot.replaceChildren(el("section", { class: "draft", "aria-label": "New finding" },
    el("h3", {}, icon("person"), "New finding"), ...about(from), form));
}

function close() {
  const draft = draftOf(ownDraft);
  keepDraft(ownDraft, undefined);
  slot.replaceChildren();
  const card = document.querySelector(".finding[aria-current]");
  /** @type {HTMLElement|null} */ (card)?.focus({ preventScroll: true });
  const bring = () => { write(draft); focusForm(slot); };
  if (draft) toast("Thrown away: the finding you were writing.", { label: "Bring it back", act: bring });
}

/** @param {Beginning} from @param {object} worded @param {HTMLElement} trouble */
async function save({ place, section: id }, worded, trouble) {
  trouble.replaceChildren();
  const { block_id = null, start = 0, end = 0, more = [] } = place ?? {};
  try {
    const added = await json("POST", address("/findings"), { body: { ...worded, section_id: id, block_id, start, end, more } });
    keepDraft(ownDraft, undefined);
    slot.replaceChildren();
    insert(added);
    letIn(added.id);
    toast(`Added: ${added.category}.`, { label: "Undo", act: () => removeOwn(added.id) });
  } catch (error) {
    trouble.replaceChildren(problemNotice(/** @type {any} */ (error), { heading: "h4" }));
  }
}

/** @param {string} id */
export async function removeOwn(id) {
  const gone = finding(id);
  if (!gone) return;
  try {
    await json("DELETE", address(`/findings/${id}`));
  } catch (error) {
    toastFailure("Not removed", error);
    return;
  }
  if (currentId() === id) select(null, "card");
  remove(id);
  const from = { place: gone.anchor && { ...gone.anchor, quote: gone.quote }, section: gone.section_id, category: gone.category, description: gone.description };
  toast(`Removed: ${gone.category}.`, { label: "Write it again", act: () => begin(from) });
}

/** @param {HTMLElement} pane */
export function mount(pane) {
  slot = part(pane, "draft");
  const button = document.getElementById("add-finding");
  // pressing the button must not take the selection away
  button?.addEventListener("pointerdown", (event) => event.preventDefault());
  button?.addEventListener("click", () => begin());
  document.addEventListener("selectionchange", async () => {
    if (getSelection()?.isCollapsed === false && canDecide()) (await import("./selection-bar.mjs")).offer(begin);
  });
  let first = true;
  onReview(({ kind }) => {
    if (kind !== "loaded" || !first) return;
    first = false;
    const draft = draftOf(ownDraft);
    if (draft && canDecide()) write(draft);
  });
}
