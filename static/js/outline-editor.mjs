/** The dialog of one section: rename it, split it, merge it with the one before, skip it. Loaded when somebody wants to. */
import { json, Problem } from "./api.mjs";
import { say, toast } from "./announce.mjs";
import { open } from "./dialogs.mjs";
import { el, part, setText } from "./dom.mjs";
import { problemNotice } from "./notices.mjs";
import { address, canDecide, outlineRev, refresh, section, sections } from "./review.mjs";
import { counted } from "./words.mjs";

/** @typedef {import("./review.mjs").Section} Section */

const mostChars = 70;
const headings = "h1, h2, h3, h4, h5, h6";

/** The blocks of a section at which it can be split: all but its first, and none inside a row of a table.
 * @param {Section} section @returns {HTMLElement[]} */
function cuts({ first_block: first, last_block: last }) {
  const blocks = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".block")]);
  const at = blocks.findIndex(({ id }) => id === first);
  const end = blocks.findIndex(({ id }) => id === last);
  const isOneRow = (/** @type {HTMLElement} */ block, /** @type {HTMLElement} */ before) =>
    block.closest("tr") !== null && block.closest("tr") === before.closest("tr");
  return blocks.slice(at + 1, end + 1).filter((block, index) => !isOneRow(block, blocks[at + index]));
}

/** @param {HTMLElement} block */
function option(block) {
  const copy = /** @type {HTMLElement} */ (block.cloneNode(true));
  for (const extra of copy.querySelectorAll("[data-skip]")) extra.remove();
  const words = (copy.textContent ?? "").trim().replace(/\s+/g, " ");
  const shown = words.length > mostChars ? `${words.slice(0, mostChars)}…` : words || "(empty)";
  return el("option", { value: block.id }, block.matches(headings) ? `Heading: ${shown}` : shown);
}

/** @param {HTMLElement} dialog @param {Section} shown */
function fill(dialog, shown) {
  const all = sections();
  const before = all[all.findIndex(({ id }) => id === shown.id) - 1];
  const skipped = shown.status === "skipped";
  setText(part(dialog, "title"), `Section: ${shown.name}`);
  part(dialog, "notice").replaceChildren();
  const name = /** @type {HTMLInputElement} */ (dialog.querySelector("[name=name]"));
  name.value = shown.name;
  const places = cuts(shown).map(option);
  const select = /** @type {HTMLSelectElement} */ (dialog.querySelector("[name=block_id]"));
  select.replaceChildren(...places);
  form(dialog, "split").hidden = places.length === 0;
  form(dialog, "rename").hidden = form(dialog, "skip").hidden = false;
  form(dialog, "merge").hidden = before === undefined;
  setText(part(dialog, "merge-words"), before ? `Merge with the section before it: ${before.name}` : "");
  setText(part(dialog, "skip-words"), skipped
    ? "It is skipped: not sent to a model, its instant findings set aside."
    : "Skip it: it is not sent to a model, and its undecided findings are set aside.");
  setText(part(dialog, "skip-button"), skipped ? "Include" : "Skip");
  form(dialog, "skip").dataset.edit = skipped ? "include" : "skip";
}

/** @param {HTMLElement} dialog @param {string} name */
const form = (dialog, name) =>
  /** @type {HTMLFormElement} */ (dialog.querySelector(name === "skip" ? "form:last-of-type" : `[data-edit="${name}"]`));

/** @type {Record<string, (section: Section) => string>} */
const done = {
  rename: ({ name }) => `Renamed: ${name}.`,
  split: ({ name }) => `Split: ${name}.`,
  merge: ({ name }) => `Merged: ${name}.`,
  skip: ({ name, set_aside: aside }) => `Skipped: ${name}.${aside > 0 ? ` ${counted(aside, "finding")} set aside.` : ""}`,
  include: ({ name }) => `Included again: ${name}.`,
};

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("section-dialog"));
let shownId = "";
let busy = false;

/** @param {string} id of the section to be changed */
export function edit(id) {
  const shown = section(id);
  if (!shown || !canDecide()) return;
  shownId = id;
  fill(dialog, shown);
  open(dialog.id);
}

dialog.addEventListener("submit", async (event) => {
  event.preventDefault();
  const sent = /** @type {HTMLFormElement} */ (event.target);
  const action = sent.dataset.edit ?? "";
  if (busy) return;
  busy = true;
  try {
    const wanted = { action, section_id: shownId, ...Object.fromEntries(new FormData(sent)) };
    const at = sections().findIndex(({ id }) => id === shownId);
    const answer = await json("PUT", address("/outline"), { body: { rev: outlineRev(), edits: [wanted] } });
    await refresh();
    dialog.close();
    const changed = /** @type {Section} */ (answer.sections[action === "merge" ? at - 1 : at]);
    toast(done[action](changed));
    const row = document.querySelector(`[data-edits="${CSS.escape(changed.id)}"]`);
    if (row instanceof HTMLElement) row.focus();
  } catch (error) {
    await refuse(error);
  }
  busy = false;
});

/** The outline is another one by now: what can be done here is shown anew, or is nothing. */
async function startAnew() {
  await refresh();
  const now = section(shownId);
  if (now) fill(dialog, now);
  else for (const one of dialog.querySelectorAll("form")) one.hidden = true;
}

/** @param {unknown} error */
async function refuse(error) {
  if (!(error instanceof Problem)) throw error;
  if (error.code === "request/changed" || error.code === "section/not-found") await startAnew();
  part(dialog, "notice").replaceChildren(problemNotice(error));
  say(error.title);
}
