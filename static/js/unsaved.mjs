/** Decisions made while AI-Prism could not be reached or nobody was signed in: kept in this browser, said, sent later. */
import { setText } from "./dom.mjs";
import { keep, recall } from "./kept.mjs";
import { signInButton } from "./notices.mjs";
import { userId } from "./people.mjs";
import { sessionId } from "./review.mjs";
import { counted } from "./words.mjs";

// Who signs in next on this machine may be somebody else.
const key = `unsaved:${userId}:${sessionId}`;
const everyMs = 5_000;
/** @type {Map<string, object>} finding id -> what was decided */
const waiting = new Map(Object.entries(JSON.parse(recall("browser", key) ?? "{}")));
/** @type {(id: string, wanted: object) => void} */
let send = () => {};
let timer = 0;
let signedOut = false;
/** @type {HTMLElement|null} */
let place = null;

/** @param {(id: string, wanted: object) => void} act */
export const onRetry = (act) => { send = act; };
/** @param {string} id */
export const isUnsaved = (id) => waiting.has(id);

/** Of a decision that met it the server has heard nothing. @param {import("./api.mjs").Problem} problem */
export const isKept = ({ code }) => code === "network/unreachable" || isSignedOut(code);
/** The token of the page is that of its sign-in: with the next one only the next page can save.
 * @param {string} code */
const isSignedOut = (code) => code === "auth/required" || code === "request/form-token";

/** @param {string} id @param {object} wanted @param {import("./api.mjs").Problem} problem */
export function keepUnsaved(id, wanted, { code }) {
  waiting.set(id, wanted);
  signedOut = isSignedOut(code);
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
  if (waiting.size > 0 && !signedOut) timer = window.setInterval(retry, everyMs);
  draw();
}

function draw() {
  if (!place) return;
  place.hidden = waiting.size === 0;
  const kept = `${counted(waiting.size, "decision")} kept in this browser, sent as soon as`;
  if (place.hidden) place.replaceChildren();
  else if (signedOut) place.replaceChildren(`You are signed out. ${kept} you are back. `, signInButton());
  else setText(place, `AI-Prism cannot be reached. ${kept} it answers.`);
}

/** @param {HTMLElement} root */
export function mount(root) {
  place = root;
  addEventListener("online", retry);
  draw();
}
