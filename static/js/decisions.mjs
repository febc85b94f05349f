/** Deciding: shown at once, saved behind it, put back with a word when the save failed, kept while offline. */
import { json, Problem } from "./api.mjs";
import { say, toast, toastFailure } from "./announce.mjs";
import { editDraft, keepDraft } from "./drafts.mjs";
import { userId } from "./people.mjs";
import { address, finding, onReview, show, store, stored } from "./review.mjs";
import { forget, isKept, isUnsaved, keepUnsaved, onRetry, retry } from "./unsaved.mjs";
import { currentId, moveOn, select } from "./view.mjs";
import { counted } from "./words.mjs";

/**
 * @typedef {import("./review.mjs").Finding} Finding
 * @typedef {"open"|"accepted"|"rejected"} Verdict
 * @typedef {{decision: Verdict, reason: string, note?: string, edit?: Record<string, string>, typed?: object}} Wanted
 *          typed: what the form held, not sent
 * @typedef {{problem: Problem, wanted: Wanted}} Fault a decision that was not saved
 * @typedef {{ids: string[], wanted?: Wanted, undoId?: string}} Step how to take one act back
 */

export const reasons = ["Not a problem", "Said elsewhere in the write-up", "Facts are wrong", "Out of scope", "Matter of style"];

const done = { accepted: "Accepted", rejected: "Rejected", open: "Reopened" };
/** @type {Map<string, Fault>} */
const faults = new Map();
/** @type {Map<string, Promise<void>>} the last save of each finding: the next one waits for it */
const saves = new Map();
/** @type {Step[]} newest last */
const history = [];

/** @param {string} id */
export const faultOf = (id) => faults.get(id);
/** @param {string} id */
const isSaving = (id) => saves.has(id);

/** @param {string} id @param {Verdict} decision @param {{reason?: string}} [options] */
export function decide(id, decision, { reason = "" } = {}) {
  const before = finding(id);
  if (!before) return;
  put(id, { decision, reason }, remember(before));
  moveOn(id);
  toast(`${done[decision]}: ${before.category}.`, { label: "Undo", key: "u", act: takeBack });
}

/** The reviewer's own words and a note.
 * @param {string} id @param {{edit: Record<string, string>, note: string, typed?: object}} worded */
export function word(id, worded) {
  const before = finding(id);
  if (!before) return;
  put(id, { decision: before.decision, reason: before.reason, ...worded }, remember(before));
  select(id, "keys");
  toast(`Saved in your words: ${finding(id)?.category}.`, { label: "Undo", key: "u", act: takeBack });
}

/** @param {string} id */
export function reopen(id) {
  const before = finding(id);
  if (!before) return;
  put(id, { decision: "open", reason: "" }, remember(before));
  select(id, "keys");
  say(`Reopened: ${before.category}.`);
}

/** One decision about many, taken back by one undo. @param {string[]} ids @param {Verdict} decision @param {string} reason */
export async function decideMany(ids, decision, reason) {
  show(ids, { decision, reason, decided_by: userId, decided_at: new Date().toISOString() });
  try {
    const body = { finding_ids: ids, decision, reason };
    const answer = await json("POST", address("/decisions"), { body });
    for (const one of answer.findings) store(one);
    history.push({ ids, undoId: answer.undo_id });
    toast(`${done[decision]}: ${counted(ids.length, "finding")}.`, { label: "Undo", key: "u", act: takeBack });
  } catch (error) {
    toastFailure(`None of the ${ids.length} was saved`, error);
  }
  show(ids, null);
}

/** Key u: reopens the current finding if it is decided, else takes back the last act of this page. */
export function undo() {
  const current = finding(currentId());
  const last = history.at(-1);
  const wasOneOfMany = Boolean(last?.undoId && current && last.ids.includes(current.id));
  if (current && current.decision !== "open" && !wasOneOfMany) reopen(current.id);
  else takeBack();
}

function takeBack() {
  const last = history.pop();
  if (!last) { toast("There is nothing to take back on this page."); return; }
  if (last.undoId) { takeManyBack(last); return; }
  const [id] = last.ids;
  put(id, /** @type {Wanted} */ (last.wanted));
  select(id, "keys");
  say(`Taken back: ${finding(id)?.category ?? ""}.`);
}

/** @param {Step} step */
async function takeManyBack({ ids, undoId }) {
  try {
    const { findings, passed_over: left } = await json("POST", address(`/decisions/${undoId}/undo`));
    for (const one of findings) store(one);
    const rest = left > 0 ? ` ${counted(left, "finding")} decided anew since then stayed.` : "";
    toast(`Taken back: ${counted(findings.length, "finding")}.${rest}`);
  } catch (error) {
    toastFailure("Not taken back", error);
  }
  show(ids, null);
}

/** What the reviewer changed of a finding, as it is sent. @param {Finding} one @returns {Record<string, string>} */
export function editOf(one) {
  const names = Object.keys(one.original);
  const edit = Object.fromEntries(names.map((name) => [name, /** @type {any} */ (one)[name]]));
  return one.replacement ? { ...edit, replacement: one.replacement } : edit;
}

/** @param {Finding} before @returns {Step} */
function remember(before) {
  const { id, decision, reason, note } = before;
  const step = { ids: [id], wanted: { decision, reason, note, edit: editOf(before) } };
  history.push(step);
  return step;
}

/** @param {string} id */
export function tryAgain(id) {
  const fault = faults.get(id);
  if (fault) put(id, fault.wanted);
}
/** @param {string} id */
export function dismiss(id) {
  faults.delete(id);
  select(id, "keys");
}

/** What the page shows ahead of the server. @param {string} id @param {Wanted} wanted @returns {Partial<Finding>} */
function ahead(id, { edit, typed: _, ...rest }) {
  const by = { ...rest, decided_by: userId, decided_at: new Date().toISOString() };
  const held = stored(id);
  if (!edit || !held) return by;
  const found = /** @type {any} */ ({ ...held, ...held.original });
  const { replacement = "", ...worded } = edit;
  const fields = [...new Set([...Object.keys(held.original), ...Object.keys(worded)])];
  const shown = Object.fromEntries(fields.map((name) => [name, worded[name] ?? found[name]]));
  const original = Object.fromEntries(Object.keys(worded).map((name) => [name, found[name]]));
  return /** @type {any} */ ({ ...by, ...shown, replacement, original });
}

/** @param {string} id @param {Wanted} wanted @param {Step} [step] forgotten when the save fails */
function put(id, wanted, step) {
  faults.delete(id);
  const turn = (saves.get(id) ?? Promise.resolve()).then(() => save(id, wanted, step)).finally(() => {
    if (saves.get(id) !== turn) return;
    saves.delete(id);
    if (!isUnsaved(id)) show([id], null);
  });
  saves.set(id, turn);
  show([id], ahead(id, wanted));
}

/** @param {string} id @param {Wanted} wanted @param {Step} [step] */
async function save(id, wanted, step) {
  const { typed: _, ...asked } = wanted;
  const body = { ...asked, rev: stored(id)?.rev };
  try {
    // keepalive: the decision arrives even when the page is closed right after the key.
    store(await json("PUT", address(`/findings/${id}/decision`), { body, keepalive: true }));
    forget(id);
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem({});
    if (isKept(problem)) { keepUnsaved(id, wanted, problem); return; }
    forget(id);
    if (step && history.includes(step)) history.splice(history.indexOf(step), 1);
    putBack(id, wanted, problem);
  }
}

/** @param {string} id @param {Wanted} wanted @param {Problem} problem */
function putBack(id, wanted, problem) {
  const now = /** @type {any} */ (problem.current);
  if (now) store({ ...now, id });
  faults.set(id, { problem, wanted });
  if (wanted.typed) keepDraft(editDraft(id), wanted.typed);
  toast(`Not saved: ${stored(id)?.category ?? "a decision"}.`, { label: "Show", act: () => select(id, "keys") });
}

onRetry((id, wanted) => { if (!isSaving(id) && stored(id)) put(id, /** @type {Wanted} */ (wanted)); });
let first = true;
onReview(({ kind }) => {
  if (kind !== "loaded" || !first) return;
  first = false;
  retry();
});
