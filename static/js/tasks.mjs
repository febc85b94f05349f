/** Asking for reviews of sections, and following them until they end. */
import { json, Problem, send } from "./api.mjs";
import { say } from "./announce.mjs";
import { createPoller, whenSeen } from "./poller.mjs";
import { address, changed, followed, isLoaded, onReview, refresh, sections, sessionId, storeSection } from "./review.mjs";
import { counted, isActive } from "./words.mjs";

const mostIds = 100;
/** @type {Map<string, string>} ETag of each address's last answer */
const etags = new Map();
/** @type {Map<string, Problem>} section id, or "all": why it could not be asked for */
const refusals = new Map();
const asked = new Set();
/** @type {Map<string, import("./waiting.mjs").Progress>} task id: where it stands; the review itself does not say */
const places = new Map();
let lost = 0;

/** @param {string} id section id or "all" */
export const refusalOf = (id) => refusals.get(id);
/** @param {string} id section id or "all" */
export const isAsked = (id) => asked.has(id);
/** @param {import("./review.mjs").Section} section that has not ended */
export function progressOf({ task_id: id, progress }) {
  const place = places.get(id ?? "");
  // The review was read after it: what was said of an earlier stage is over.
  return progress && place?.stage === progress.stage ? place : progress;
}
/** Rounds of polling that failed in a row. */
export const failedRounds = () => lost;

/** @param {string} id */
export function reviewSection(id) {
  return submit(id, "/analyze_section", { section_id: id }, (answer) => [answer]);
}
export function reviewAll() {
  return submit("all", "/analyze_all", {}, ({ tasks }) => tasks);
}

/** Calls off the task of one section. @param {import("./review.mjs").Section} section */
export function cancelSection({ id, task_id: task }) {
  return attempt(id, async () => takeCancelled([await json("POST", `/cancel_task/${task}`)]));
}
/** Calls off all that waits or runs. */
export function cancelAll() {
  return attempt("all", async () => takeCancelled((await json("POST", address("/cancel"))).tasks));
}

/** @param {{task_id: string, status: string}[]} tasks */
function takeCancelled(tasks) {
  const ended = new Map(tasks.map(({ task_id: id, status }) => [id, status]));
  for (const { id, task_id: task } of followed()) {
    const status = ended.get(task ?? "");
    if (status) storeSection(id, { status, progress: null });
  }
}

/**
 * @param {string} name @param {string} url @param {object} body
 * @param {(answer: any) => {section_id: string, task_id: string, status: string}[]} tasksOf
 */
function submit(name, url, body, tasksOf) {
  return attempt(name, async () => {
    const answer = await json("POST", url, { body: { session_id: sessionId, ...body } });
    for (const { section_id: id, task_id, status } of tasksOf(answer)) storeSection(id, { task_id, status, error: null });
    poller.poke();
  });
}

/** Once at a time; why it failed is kept under the name. @param {string} name @param {() => Promise<void>} act */
async function attempt(name, act) {
  if (asked.has(name)) return;
  asked.add(name);
  refusals.delete(name);
  changed("sections");
  try {
    await act();
    // A reading that began before this may still bring the old states: one more comes behind it.
    refresh().catch(() => {});
  } catch (error) {
    refusals.set(name, error instanceof Problem ? error : new Problem({}));
  }
  asked.delete(name);
  changed("sections");
}

const running = () => followed().filter(({ status, task_id: id }) => id !== null && isActive(status));

/** One round: all running tasks in as few requests as the server allows. */
async function ask() {
  const ids = running().map(({ task_id: id }) => /** @type {string} */ (id));
  const news = [];
  for (let at = 0; at < ids.length; at += mostIds) news.push(...await changesOf(ids.slice(at, at + mostIds)));
  if (take(news)) {
    // Forgotten first: should the reading fail, the next round must hear of the end again.
    etags.clear();
    await refresh();
    tell();
  }
  return running().length > 0;
}

/** @param {string[]} ids @returns {Promise<any[]>} [] when nothing has changed since the last time */
async function changesOf(ids) {
  const url = `/task_status?ids=${ids.join(",")}`;
  const etag = etags.get(url);
  const answer = await send("GET", url, { headers: etag ? { "If-None-Match": etag } : {} });
  if (answer.status === 304) return [];
  const { tasks } = await answer.json();
  etags.set(url, answer.headers.get("ETag") ?? "");
  return tasks;
}

/** @param {any[]} tasks @returns {boolean} whether one of them has ended, or is gone */
function take(tasks) {
  const over = tasks.filter(({ status }) => !isActive(status));
  const live = tasks.filter(({ status }) => isActive(status));
  for (const { task_id: id, progress } of live) places.set(id, progress);
  const news = live.map(({ section_id: id, status, progress }) => storeSection(id, { status, progress }));
  if (news.includes(true)) changed("sections");
  return over.length > 0;
}

function tell() {
  const all = sections();
  const done = all.filter(({ status }) => status === "completed").length;
  const failed = followed().filter(({ status }) => status === "failed").length;
  say(`${done} of ${counted(all.length, "section")} reviewed${failed > 0 ? `, ${failed} failed` : ""}.`);
}

const poller = createPoller({
  ask,
  onTrouble(failures) {
    lost = failures;
    changed("sections");
  },
});

let begun = false;
onReview(({ kind }) => {
  if (kind !== "loaded" || begun) return;
  begun = true;
  if (running().length > 0) poller.poke();
});
// Another tab or a colleague may have gone on meanwhile.
whenSeen(() => {
  if (!isLoaded()) return;
  refresh().then(poller.poke, () => poller.poke());
});

/** Why it failed and what to do; "" unless it did. @param {import("./review.mjs").Section} section */
export const reasonOf = ({ status, error }) =>
  status === "failed" ? `${error?.detail || "It ended with an error."} ${error?.next_step ?? ""}`.trim() : "";

/** What two sections or more failed for, in the same words: said once. @returns {string} "" without one */
export const sharedReason = () => followed().map(reasonOf).find((reason, at, all) => reason && all.indexOf(reason) < at) ?? "";
