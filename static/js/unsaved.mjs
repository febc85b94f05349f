/** Decisions made while AI-Prism could not be reached: kept in this browser, said, and sent when it answers again. */
import { setText } from "./dom.mjs";
import { keep, recall } from "./kept.mjs";
import { sessionId } from "./review.mjs";
import { counted } from "./words.mjs";

const key = `unsaved:${sessionId}`;
const everyMs = 5_000;
/** @type {Map<string, object>} finding id -> what was decided */
const waiting = new Map(Object.entries(JSON.parse(recall("browser", key) ?? "{}")));
/** @type {(id: string, wanted: object) => void} */
let send = () => {};
let timer = 0;
/** @type {HTMLElement|null} */
let place = null;

/** @param {(id: string, wanted: object) => void} act */
export const onRetry = (act) => { send = act; };
/** @param {string} id */
export const isUnsaved = (id) => waiting.has(id);

/** @param {string} id @param {object} wanted */
export function keepUnsaved(id, wanted) {
  waiting.set(id, wanted);
  changed();
}
/** @param {string} id */
export function forget(id) {
  if (waiting.delete(id)) changed();
}

/** Sends what waits once more, in the order of the decisions. */
export function retry() {
  for (const [id, wanted] of waiting) send(id, wanted);
}

function changed() {
  keep("browser", key, JSON.stringify(Object.fromEntries(waiting)));
  clearInterval(timer);
  if (waiting.size > 0) timer = window.setInterval(retry, everyMs);
  draw();
}

function draw() {
  if (!place) return;
  place.hidden = waiting.size === 0;
  const words = `AI-Prism cannot be reached. ${counted(waiting.size, "decision")} kept in this browser, sent as soon as it answers.`;
  setText(place, waiting.size > 0 ? words : "");
}

/** @param {HTMLElement} root */
export function mount(root) {
  place = root;
  addEventListener("online", retry);
  draw();
}
