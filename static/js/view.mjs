/** What of the review is shown: filters, the order, the current finding, and new ones that wait to be let in. */
import { keep, recall } from "./kept.mjs";
import { finding, findings, isLoaded, onReview, sessionId } from "./review.mjs";
import { riskStrength, strength } from "./words.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

const key = `view:${sessionId}`;
const bus = new EventTarget();
const kept = JSON.parse(recall("tab", key) ?? "{}");
const state = {
  decision: kept.decision ?? "open",
  types: new Set(kept.types ?? []),
  current: /** @type {string|null} */ (kept.current ?? null),
  asking: false,
};
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
/** @param {ViewDetail} [detail] */
function changed(detail = {}) {
  const { decision, types, current } = state;
  keep("tab", key, JSON.stringify({ decision, types: [...types], current }));
  bus.dispatchEvent(new CustomEvent("view", { detail }));
}

export const filter = () => state;
export const currentId = () => state.current;
export const isAsking = () => state.asking;
export const narrowed = () => state.types.size > 0;

/** Findings of the list, strongest of a section first, sections in reading order. @returns {Finding[]} */
export function listed() {
  const inList = findings().filter(({ id }) => known.has(id));
  const order = new Map();
  for (const { section_id: id } of inList) if (!order.has(id)) order.set(id, order.size);
  return inList.toSorted((a, b) => order.get(a.section_id) - order.get(b.section_id)
    || strength[a.type] - strength[b.type] || riskStrength[a.risk_level] - riskStrength[b.risk_level]);
}
export const unseen = () => findings().filter(({ id }) => !known.has(id));

/** @param {Finding} one */
const typeFits = (one) => state.types.size === 0 || state.types.has(one.type);
/** @param {Finding} one */
const fits = (one) => typeFits(one) && (state.decision === "all" || one.decision === state.decision);
/** The current one stays until the reader moves on, even when it no longer fits. */
export const shown = () => listed().filter((one) => fits(one) || one.id === state.current);

/** @param {string} decision */
export function setDecision(decision) {
  state.decision = decision;
  refilter();
}
/** @param {string} type */
export function toggleType(type) {
  if (!state.types.delete(type)) state.types.add(type);
  refilter();
}
export function showAll() {
  state.decision = "all";
  state.types.clear();
  refilter();
}
function refilter() {
  const current = finding(state.current);
  if (current && !fits(current)) state.current = null;
  state.asking = false;
  changed();
}

/** @param {string|null} id @param {string} from */
export function select(id, from) {
  state.current = id;
  state.asking = false;
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
  const openOnesShown = state.decision === "open" || state.decision === "all";
  const next = openOnesShown && rest.find((one) => one.decision === "open" && typeFits(one));
  select(next ? next.id : id, "decision");
}

/** Opens or closes the reasons of the current finding. @param {boolean} on */
export function ask(on) {
  state.asking = on;
  changed({ from: on ? "asking" : "keys" });
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
  const fresh = unseen();
  const gone = [...known.values()].filter(({ id }) => !finding(id));
  for (const one of findings()) if (known.has(one.id)) known.set(one.id, one);
  for (const old of gone) {
    known.delete(old.id);
    const heir = fresh.find((one) => replaces(old, one));
    if (heir) known.set(heir.id, heir);
    if (state.current === old.id) state.current = heir?.id ?? null;
  }
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

