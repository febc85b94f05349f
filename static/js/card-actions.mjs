/** What can be done with a finding: accept, reject with a reason in one key, edit, reopen; and a save that failed. */
import { toast } from "./announce.mjs";
import { decide, decideMany, dismiss, editOf, reasons, reopen, tryAgain, word } from "./decisions.mjs";
import { el, icon } from "./dom.mjs";
import { draftOf, editDraft, keepDraft } from "./drafts.mjs";
import { findingForm } from "./finding-form.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { removeOwn } from "./own-findings.mjs";
import { canDecide, isWord } from "./review.mjs";
import { ask, edit, moveOn, placesOf, select } from "./view.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

/** @param {string} name @param {{key: string, symbol: string, act: () => void, variant?: string}} how */
function button(name, { key, symbol, act, variant }) {
  const attributes = { class: "button", type: "button", "data-variant": variant, "aria-keyshortcuts": key, onclick: act };
  return el("button", attributes, icon(symbol), name, el("kbd", { "aria-hidden": true }, key));
}

/** @param {Finding} finding @param {boolean} asking */
export function actions(finding, asking) {
  if (!canDecide()) return el("p", { class: "provenance" }, "You can read this review, not decide in it.");
  if (asking) return reasonBox(finding.id);
  const change = button("Edit", { key: "e", symbol: "edit", act: () => edit(true) });
  if (finding.decision !== "open") {
    const remove = finding.own && el("button", { class: "button", type: "button", onclick: () => removeOwn(finding.id) }, icon("trash"), "Remove");
    return el("div", { class: "actions" }, button("Reopen", { key: "u", symbol: "undo", act: () => reopen(finding.id) }), change, remove);
  }
  return el("div", { class: "actions" },
    button("Accept", { key: "a", symbol: "check", act: () => decide(finding.id, "accepted"), variant: "primary" }),
    button("Reject", { key: "r", symbol: "cross", act: () => ask(true) }), change, allPlaces(finding));
}

/** Of a finding that stands in several places: all of them at once. @param {Finding} finding */
function allPlaces(finding) {
  const open = placesOf(finding).filter(({ decision }) => decision === "open");
  if (open.length < 2) return false;
  const ids = open.map(({ id }) => id);
  const act = () => { decideMany(ids, "accepted", ""); moveOn(finding.id); };
  return el("button", { class: "button", type: "button", onclick: act }, `Accept all ${open.length}`);
}

/** The finding in the reviewer's words; the original stays in the record. @param {Finding} finding */
export function editForm(finding) {
  const { id, type, risk_level, category, description, suggestion, note, replacement } = finding;
  const before = { ...finding, ...finding.original };
  const rewrite = finding.anchor && isWord() ? { replacement } : {};
  const edited = Object.keys(editOf(finding)).length > 0;
  const name = editDraft(id);
  const original = edited && linkButton("Back to the original words", () => { keepDraft(name, undefined); word(id, { edit: {}, note }); });
  const act = ({ note: said = "", ...worded }) => {
    const fields = Object.entries(worded).filter(([name, text]) => text !== (name === "replacement" ? "" : /** @type {any} */ (before)[name]));
    keepDraft(name, undefined);
    word(id, { edit: Object.fromEntries(fields), note: said, typed: { ...worded, note: said } });
  };
  const back = () => { throwAway(finding); edit(false); };
  return findingForm({ type, risk_level, category, description, suggestion, ...rewrite, note, ...draftOf(name) },
    { save: "Save", act: /** @type {any} */ (act), back, typed: (worded) => keepDraft(name, worded), also: original && el("p", {}, original) });
}

/** An edit that was begun and not saved. @param {Finding} finding */
export function draftLine(finding) {
  if (draftOf(editDraft(finding.id)) === undefined || !canDecide()) return false;
  const goOn = () => { select(finding.id, "keys"); edit(true); };
  const drop = () => { throwAway(finding); select(finding.id, "keys"); };
  return el("p", { class: "draft-line" }, icon("edit"), "What you typed here is not saved. ",
    linkButton("Go on typing", goOn), " ", linkButton("Throw it away", drop));
}

/** Said, and one press brings it back. @param {Finding} finding */
function throwAway({ id, category }) {
  const draft = draftOf(editDraft(id));
  if (draft === undefined) return;
  keepDraft(editDraft(id), undefined);
  const bring = () => { keepDraft(editDraft(id), draft); select(id, "keys"); edit(true); };
  toast(`Thrown away: your edit of ${category}.`, { label: "Bring it back", act: bring });
}

/** Reason in one key: 1 to 5, Enter rejects without, Escape goes back; or by pressing it. @param {string} id */
function reasonBox(id) {
  const reject = (/** @type {string} */ reason) => decide(id, "rejected", { reason });
  const row = (/** @type {string} */ key, /** @type {string} */ words, /** @type {() => void} */ act) =>
    el("button", { type: "button", onclick: act }, el("kbd", { "aria-hidden": true }, key), words);
  const about = { class: "reasons", role: "group", "aria-label": "Reason for rejecting", tabindex: -1, "data-reasons": true };
  const box = el("div", about,
    el("p", {}, "Why is it rejected?"),
    ...reasons.map((reason, at) => row(String(at + 1), reason, () => reject(reason))),
    row("↵", "Reject without a reason", () => reject("")),
    row("Esc", "Do not reject it", () => ask(false)));
  box.addEventListener("keydown", (event) => keyInBox(event, box, reject));
  return box;
}

/** @param {KeyboardEvent} event @param {HTMLElement} box @param {(reason: string) => void} reject */
function keyInBox(event, box, reject) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const reason = reasons[Number(event.key) - 1];
  const without = event.key === "Enter" && event.target === box;
  const back = event.key === "Escape";
  if (reason) reject(reason);
  else if (without) reject("");
  else if (back) ask(false);
  // Tab goes on; the single keys of the page rest while a reason is asked for.
  if (reason || without || back) event.preventDefault();
  event.stopPropagation();
}

const wantedWords = { accepted: "accept", rejected: "reject", open: "reopen" };

/** @param {Finding} finding @param {import("./decisions.mjs").Fault} fault */
export function faultNotice(finding, { problem, wanted }) {
  const conflict = problem.current !== undefined;
  const title = conflict ? "Decided elsewhere in the meantime" : "This decision was not saved";
  const detail = conflict
    ? `You wanted to ${wantedWords[wanted.decision]} it. What stands now is shown here.`
    : `${problem.title}. The finding is as it was before.`;
  const nextStep = conflict ? "Look at it and decide again, or leave it." : problem.nextStep;
  const said = /** @type {any} */ ({ ...problem, title, detail, nextStep });
  const again = linkButton(conflict ? `Still ${wantedWords[wanted.decision]} it` : "Try again", () => tryAgain(finding.id));
  const leave = linkButton("Leave it as it is", () => dismiss(finding.id));
  return problemNotice(said, { level: conflict ? "caution" : "danger", actions: [again, leave], heading: "h5" });
}
