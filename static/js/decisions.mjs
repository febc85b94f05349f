/** Deciding: shown at once, saved behind it, put back with a word when the save failed. */
import { json, Problem } from "./api.mjs";
import { say, toast } from "./announce.mjs";
import { address, finding, show, store, stored, userId } from "./review.mjs";
import { currentId, moveOn, select } from "./view.mjs";

/**
 * @typedef {"open"|"accepted"|"rejected"} Verdict
 * @typedef {{problem: Problem, wanted: {decision: Verdict, reason: string}}} Fault a decision that was not saved
 */

export const reasons = ["Not a problem", "Said elsewhere in the write-up", "Facts are wrong", "Out of scope", "Matter of style"];

const done = { accepted: "Accepted", rejected: "Rejected", open: "Reopened" };
/** @type {Map<string, Fault>} */
const faults = new Map();
/** @type {Map<string, Promise<void>>} the last save of each finding: the next one waits for it */
const saves = new Map();
/** @typedef {{id: string, decision: Verdict, reason: string}} Step what stood before a decision */
/** @type {Step[]} newest last */
const history = [];

/** @param {string} id */
export const faultOf = (id) => faults.get(id);
/** @param {string} id */
export const isSaving = (id) => saves.has(id);

/** @param {string} id @param {Verdict} decision @param {{reason?: string}} [options] */
export function decide(id, decision, { reason = "" } = {}) {
  const before = finding(id);
  if (!before) return;
  put(id, { decision, reason }, remember(before));
  moveOn(id);
  toast(`${done[decision]}: ${before.category}.`, { label: "Undo", key: "u", act: takeBack });
}

/** @param {string} id */
export function reopen(id) {
  const before = finding(id);
  if (!before) return;
  put(id, { decision: "open", reason: "" }, remember(before));
  select(id, "keys");
  say(`Reopened: ${before.category}.`);
}

/** Key u: reopens the current finding if it is decided, else takes back the last decision made here. */
export function undo() {
  const current = finding(currentId());
  if (current && current.decision !== "open") reopen(current.id);
  else takeBack();
}

function takeBack() {
  const last = history.pop();
  if (!last) { toast("There is nothing to take back on this page."); return; }
  put(last.id, { decision: last.decision, reason: last.reason });
  select(last.id, "keys");
  say(`Taken back: ${finding(last.id)?.category ?? ""}.`);
}

/** @param {import("./review.mjs").Finding} before @returns {Step} */
function remember({ id, decision, reason }) {
  const step = { id, decision, reason };
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

/** @param {string} id @param {Fault["wanted"]} wanted @param {Step} [step] forgotten when the save fails */
function put(id, wanted, step) {
  faults.delete(id);
  const shown = { ...wanted, decided_by: userId, decided_at: new Date().toISOString() };
  const turn = (saves.get(id) ?? Promise.resolve()).then(() => save(id, wanted, step)).finally(() => {
    if (saves.get(id) !== turn) return;
    saves.delete(id);
    show(id, null);
  });
  saves.set(id, turn);
  show(id, shown);
}

/** @param {string} id @param {Fault["wanted"]} wanted @param {Step} [step] */
async function save(id, wanted, step) {
  const rev = stored(id)?.rev;
  try {
    // keepalive: the decision arrives even when the page is closed right after the key.
    store(await json("PUT", address(`/findings/${id}/decision`), { body: { ...wanted, rev }, keepalive: true }));
  } catch (error) {
    if (step && history.includes(step)) history.splice(history.indexOf(step), 1);
    putBack(id, wanted, error instanceof Problem ? error : new Problem({}));
  }
}

/** @param {string} id @param {Fault["wanted"]} wanted @param {Problem} problem */
function putBack(id, wanted, problem) {
  const now = /** @type {any} */ (problem.current);
  if (now) store({ ...now, id });
  faults.set(id, { problem, wanted });
  toast(`Not saved: ${stored(id)?.category ?? "a decision"}.`, { label: "Show", act: () => select(id, "keys") });
}
