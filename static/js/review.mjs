/** The review on this page: what the server last said, plus what was decided here and is not saved yet. */
import { send } from "./api.mjs";
import { meet } from "./people.mjs";

/**
 * @typedef {import("./ranges.mjs").Part & {stage: string, more?: import("./ranges.mjs").Part[]}} Anchor more: in later blocks
 * @typedef {object} Finding as in GET /sessions/<id>
 * @property {string} id
 * @property {number} rev
 * @property {string} section_id
 * @property {"critical"|"important"|"suggestion"|"positive"} type
 * @property {"high"|"medium"|"low"} risk_level
 * @property {string} category
 * @property {string} description
 * @property {string} suggestion
 * @property {string} example
 * @property {string[]} questions
 * @property {number[]} hawkeye_refs
 * @property {number} confidence
 * @property {string} quote
 * @property {Anchor|null} anchor
 * @property {string} rule
 * @property {string[]} sources
 * @property {"open"|"accepted"|"rejected"} decision
 * @property {string} reason
 * @property {string} decided_by
 * @property {string} decided_at
 * @property {string} note
 * @property {boolean} grounded false: the quote is not in the text
 * @property {boolean} provisional
 * @property {boolean} found
 * @property {Record<string, string>} original what edited fields said before
 * @property {string} replacement what the quoted words shall read instead, "" without a rewrite
 * @property {{id: string, text: string, by: string, at: string}[]} replies
 * @property {boolean} resolved
 * @property {boolean} own written by a reviewer
 * @property {string} alike the same for findings that say the same elsewhere
 * @typedef {object} Section
 * @property {string} id
 * @property {string} name
 * @property {string} label
 * @property {number} level
 * @property {number|null} page
 * @property {string} first_block
 * @property {string} last_block
 * @property {number} set_aside undecided findings that are not shown, because the section is skipped
 * @property {string} status
 * @property {string|null} task_id
 * @property {{code: string, detail: string, next_step: string, correlation_id: string}|null} error
 * @property {import("./waiting.mjs").Progress|null} progress
 * @property {{model_used: string, model_id: string, brain: string, cached: boolean, cached_at: string}|null} answered_by
 */

export const sessionId = document.body.dataset.session ?? "";
export const address = (/** @type {string} */ tail = "") => `/sessions/${encodeURIComponent(sessionId)}${tail}`;

const bus = new EventTarget();
/** @type {any} */
let body = null;
/** @type {Map<string, Partial<Finding>>} decided here, not yet confirmed */
const overlay = new Map();
/** @type {Promise<void>|null} */
let loading = null;
let again = false;
/** Listens to every change. detail.kind: what changed. @param {(detail: {kind: string}) => void} act */
export function onReview(act) {
  bus.addEventListener("change", (event) => act(/** @type {CustomEvent} */ (event).detail));
}
/** @param {string} kind "loaded", "sections", "finding" */
export function changed(kind) {
  version += 1;
  bus.dispatchEvent(new CustomEvent("change", { detail: { kind } }));
}
let version = 0;
/** Another number whenever a finding may be different: what was worked out from them holds until then. */
export const revision = () => version;

export const isLoaded = () => body !== null;
export const documentName = () => /** @type {string} */ (body.document_name);
export const isWord = () => body?.kind === "docx";
/** @returns {{number: number, name: string}[]} of the checklist */
export const points = () => body?.checklist.points ?? [];
export const outlineRev = () => /** @type {number} */ (body.outline_rev);
/** @returns {{carried: {finding_id: string, how: string, was_in: string}[], new: string[], gone: object[],
 *            sections: {changed: string[], added: string[]}}|null} what became of the former version's findings */
export const formerVersion = () => body?.version ?? null;
export const canDecide = () => Boolean(body?.can_decide);
/** @returns {Section[]} */
export const sections = () => body?.sections ?? [];
/** @param {string} id @returns {Section|undefined} */
export const section = (id) => sections().find((one) => one.id === id);
/** What tasks are followed for: the sections, and the whole document. @returns {Section[]} */
export const followed = () => (body ? [...body.sections, body.document_pass] : []);
/** The pass over the whole document. @returns {Section} */
export const whole = () => body.document_pass;
/** Beside a single section there is nothing more to find in the whole. */
export const hasWhole = () =>
  whole().status !== "not_started" || sections().filter(({ status }) => status !== "skipped").length > 1;
/** @param {number} number of a checklist point */
export function pointName(number) {
  return points().find((point) => point.number === number)?.name ?? "";
}

/** @returns {Finding[]} in reading order */
export function findings() {
  if (drawn.version !== version) drawn = { version, list: (body?.findings ?? []).map(effective) };
  return drawn.list;
}
/** @type {{version: number, list: Finding[]}} */
let drawn = { version: -1, list: [] };
/** @param {string|null} id @returns {Finding|undefined} */
export function finding(id) {
  const stored = body?.findings.find((/** @type {Finding} */ one) => one.id === id);
  return stored && effective(stored);
}
/** @param {Finding} stored @returns {Finding} */
const effective = (stored) => (overlay.has(stored.id) ? { ...stored, ...overlay.get(stored.id) } : stored);

export function counts() {
  const made = { open: 0, accepted: 0, rejected: 0, all: 0 };
  for (const { decision } of findings()) {
    made[decision] += 1;
    made.all += 1;
  }
  return made;
}

/** Reads the review anew; calls that come while one is under way share the next one. @returns {Promise<void>} */
export function refresh() {
  if (loading) {
    again = true;
    return loading;
  }
  loading = read().finally(() => { loading = null; });
  return loading;
}

async function read() {
  do {
    again = false;
    const answer = await send("GET", address(), { headers: received ? { "If-None-Match": received.etag } : {} });
    if (answer.status !== 304) received = { etag: answer.headers.get("ETag") ?? "", text: await answer.text() };
    body = JSON.parse(/** @type {{text: string}} */ (received).text);
    meet(body.people);
    Object.assign(body.document_pass, { name: "Whole document", set_aside: 0 });
    version += 1;
  } while (again);
  changed("loaded");
}
/** The last answer as it came. @type {{etag: string, text: string}|null} */
let received = null;

/** Shows decisions before they are saved. @param {string[]} ids @param {Partial<Finding>|null} shown null: as stored */
export function show(ids, shown) {
  for (const id of ids) {
    if (shown) overlay.set(id, shown);
    else overlay.delete(id);
  }
  changed("finding");
}
/** What the server holds, without what is shown ahead of it. @param {string} id @returns {Finding|undefined} */
export const stored = (id) => body?.findings.find((/** @type {Finding} */ one) => one.id === id);

/** Takes over the server's answer about one finding. @param {Partial<Finding> & {id: string}} answer */
export function store(answer) {
  const held = stored(answer.id);
  if (held) Object.assign(held, answer);
  version += 1;
  tellOtherTabs();
}
/** A finding written here, before the review is read anew. @param {Finding} added */
export function insert(added) {
  body.findings.push(added);
  changed("finding");
  tellOtherTabs();
}
/** @param {string} id */
export function remove(id) {
  body.findings = body.findings.filter((/** @type {Finding} */ one) => one.id !== id);
  changed("finding");
  tellOtherTabs();
}

/** The same review in other tabs of this browser. */
const otherTabs = new BroadcastChannel(`review:${sessionId}`);
const tellOtherTabs = () => otherTabs.postMessage("saved");
let timer = 0;
otherTabs.addEventListener("message", () => {
  clearTimeout(timer); // a row of decisions there is one reading here
  if (isLoaded()) timer = window.setTimeout(() => refresh().catch(() => {}), 150);
});

/** @param {string} id @param {Partial<Section>} news @returns {boolean} whether anything is different */
export function storeSection(id, news) {
  const held = followed().find((one) => one.id === id);
  if (!held) return false;
  const before = JSON.stringify(held);
  Object.assign(held, news);
  return JSON.stringify(held) !== before;
}
