/** What of the review is shown: the list, the current finding, places folded into one, and new ones that wait. */
import { keep, recall } from "./kept.mjs";
import { choice, choose, fits, matterFits, ordered, toggleKind, widen } from "./narrowing.mjs";
import { finding, findings, isLoaded, onReview, revision, sessionId } from "./review.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

const key = `view:${sessionId}`;
const bus = new EventTarget();
const state = {
  current: /** @type {string|null} */ (recall("tab", key)),
  doing: /** @type {""|"asking"|"editing"} */ (""),
};
/** Of which the places stand one by one. @type {Set<string>} */
const spread = new Set();
/** @type {Map<string, Finding>} findings that were let into the list */
const known = new Map();

/**
 * @typedef {{selected?: boolean, from?: string}} ViewDetail selected: the current finding is another one now;
 *          from: "keys", "card", "document", "decision", "start", "restored"
 * @param {(detail: ViewDetail) => void} act
 */
export function onView(act) {
  bus.addEventListener("view", (event) => act(/** @type {CustomEvent} */ (event).detail));
}
/** @type {ViewDetail|null} */
let untold = null;

/** All that one press changes is drawn once, when everything it sets off here has run.
 * @param {ViewDetail} [detail] */
function changed(detail = {}) {
  turn += 1;
  if (!untold) queueMicrotask(tell);
  untold = { ...untold, ...detail };
}
function tell() {
  const detail = untold;
  untold = null;
  keep("tab", key, state.current ?? "");
  bus.dispatchEvent(new CustomEvent("view", { detail }));
}

export const currentId = () => state.current;
export const isAsking = () => state.doing === "asking";
export const isEditing = () => state.doing === "editing";

/**
 * Worked out once for each state of the review and of what is shown of it.
 * listed: findings that were let in, in order; fitting: those the filters let through, and the current one, which stays
 * until the reader moves on; shown: without those that say the same as an earlier one.
 * @returns {{at: string, listed: Finding[], fitting: Finding[], shown: Finding[], places: Map<string, Finding[]>}}
 */
function view() {
  const at = `${revision()}|${turn}`;
  if (held?.at === at) return held;
  const all = ordered(findings().filter(({ id }) => known.has(id)));
  const fitting = all.filter((one) => fits(one) || one.id === state.current);
  const places = Map.groupBy(fitting, ({ alike }) => alike);
  const shown = fitting.filter((one) => places.get(one.alike)?.[0] === one || spread.has(one.alike) || one.id === state.current);
  held = { at, listed: all, fitting, shown, places };
  return held;
}
/** @type {ReturnType<typeof view>|null} */
let held = null;
/** Another number with each change of what is shown. */
let turn = 0;

export const listed = () => view().listed;
export const shown = () => view().shown;
export const unseen = () => findings().filter(({ id }) => !known.has(id));
export const foldedCount = () => view().fitting.length - view().shown.length;
/** What is open among all that fits, folded places too. */
export const openInView = () => view().listed.filter((one) => fits(one) && one.decision === "open");
/** It and what says the same elsewhere, as far as the filters let through. @param {Finding} one */
export const placesOf = (one) => view().places.get(one.alike) ?? [one];
/** @param {Finding} one */
export const isSpread = (one) => spread.has(one.alike);
/** @param {Finding} one */
export function toggleSpread({ alike }) {
  if (!spread.delete(alike)) spread.add(alike);
  changed();
}

/** @param {import("./narrowing.mjs").Choice} name @param {string} value */
export function narrow(name, value) {
  choose(name, value);
  refilter();
}
/** @param {string} kind a type or "mine" */
export function narrowKind(kind) {
  toggleKind(kind);
  refilter();
}
export function showAll() {
  widen();
  refilter();
}
function refilter() {
  const current = finding(state.current);
  if (current && !fits(current)) state.current = null;
  state.doing = "";
  changed();
}

/** @param {string|null} id @param {string} from */
export function select(id, from) {
  state.current = id;
  state.doing = "";
  changed({ selected: true, from });
}

/** @param {number} by 1 next, -1 previous */
export function step(by) {
  const list = shown();
  const at = list.findIndex(({ id }) => id === state.current);
  const next = list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)];
  if (next) select(next.id, "keys");
}

/** After a decision: on to the next open one, round the end; stays when there is none. @param {string} id */
export function moveOn(id) {
  const list = listed();
  const at = list.findIndex((one) => one.id === id);
  const rest = [...list.slice(at + 1), ...list.slice(0, at)];
  const openOnesShown = choice("decision") === "open" || choice("decision") === "all";
  const next = openOnesShown && rest.find((one) => one.decision === "open" && matterFits(one));
  select(next ? next.id : id, "decision");
}

/** Opens or closes the reasons of the current finding. @param {boolean} on */
export function ask(on) {
  state.doing = on ? "asking" : "";
  changed({ from: on ? "asking" : "keys" });
}
/** Opens or closes the form of the current finding. @param {boolean} on */
export function edit(on) {
  state.doing = on ? "editing" : "";
  changed({ from: on ? "editing" : "keys" });
}

/** Lets a finding written here into the list at once. @param {string} id */
export function letIn(id) {
  const one = finding(id);
  if (one) known.set(id, one);
  select(id, "keys");
}

export function takeNew() {
  for (const one of unseen()) known.set(one.id, one);
  changed();
}

/** The same words and matter under another id: a finding of the rules that a model now says as well.
 * @param {Finding} gone @param {Finding} fresh */
function replaces(gone, fresh) {
  const [a, b] = [gone.anchor, fresh.anchor];
  if (!a || !b || a.block_id !== b.block_id || a.start >= b.end || b.start >= a.end) return false;
  return gone.category === fresh.category || (gone.rule !== "" && gone.rule === fresh.rule);
}

/** Findings that take the place of one that is gone stand where it stood; the rest waits behind the button. */
function settle() {
  turn += 1;
  const fresh = unseen();
  const gone = [...known.values()].filter(({ id }) => !finding(id));
  for (const one of findings()) if (known.has(one.id)) known.set(one.id, one);
  for (const old of gone) {
    known.delete(old.id);
    const heir = fresh.find((one) => replaces(old, one));
    if (heir) known.set(heir.id, heir);
    if (state.current === old.id) state.current = heir?.id ?? null;
  }
  turn += 1;
  // Nothing on screen that could move: nothing to wait for.
  if (shown().length === 0) for (const one of fresh) known.set(one.id, one);
}

let first = true;
onReview(({ kind }) => {
  if (kind === "loaded" && isLoaded()) {
    if (first) for (const one of findings()) known.set(one.id, one);
    settle();
    if (first) start();
    first = false;
  }
  changed();
});

/** The finding that was current before the reload, else the first one, without moving the document. */
function start() {
  const restored = finding(state.current) !== undefined;
  if (!restored) state.current = shown()[0]?.id ?? null;
  changed({ selected: true, from: restored ? "restored" : "start" });
}

