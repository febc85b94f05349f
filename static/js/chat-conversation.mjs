/** The conversation as the server holds it: read, asked into, and followed until the last question has its answer. */
import { say } from "./announce.mjs";
import { json, Problem } from "./api.mjs";
import { meet, userId } from "./people.mjs";
import { createPoller, whenSeen } from "./poller.mjs";
import { address, sessionId } from "./review.mjs";

/**
 * @typedef {{block_id: string, start: number, end: number, quote: string, section_id: string|null}} Citation
 * @typedef {object} Answer
 * @property {string} answer
 * @property {string} answered_at
 * @property {Citation[]} citations
 * @property {number} dropped_citations
 * @property {string} model_used
 * @property {string} brain
 * @property {{blocks: number, of: number}} read
 * @typedef {object} Turn as in GET /sessions/<id>/chat
 * @property {string} id
 * @property {string} asked_at
 * @property {string} asked_by
 * @property {string} question
 * @property {string|null} section_id
 * @property {string|null} finding_id
 * @property {string} status
 * @property {import("./waiting.mjs").Progress|null} progress
 * @property {{code: string, detail: string, next_step: string, correlation_id?: string}|null} error
 * @property {Answer|null} answer
 * @typedef {{section_id?: string, finding_id?: string}} Scope
 */

const bus = new EventTarget();
/** @type {Turn[]} */
let held = [];
/** @type {string|null} */
let running = null;
let loaded = false;
/** @type {Problem|null} why the conversation could not be read, or followed */
let trouble = null;
let sending = false;

/** @param {() => void} act */
export const onConversation = (act) => bus.addEventListener("change", act);
const changed = () => bus.dispatchEvent(new Event("change"));

export const turns = () => held;
export const isLoaded = () => loaded;
export const isBusy = () => sending || running !== null;
export const troubleNow = () => trouble;

/** Reads the conversation anew, and follows a question that is not answered yet. */
export async function load() {
  try {
    await read();
    if (running !== null) poller.poke();
  } catch (error) {
    trouble = asProblem(error);
    changed();
  }
}

async function read() {
  const before = running;
  const body = await json("GET", address("/chat"));
  meet(body.people);
  held = body.turns;
  running = body.running;
  loaded = true;
  trouble = null;
  changed();
  if (before !== null && running === null) tell(held.find(({ id }) => id === before));
}

/** @param {Turn|undefined} turn that has just ended */
function tell(turn) {
  if (turn?.answer) say(`Answer: ${turn.answer.answer}`);
  else if (turn) say("The question was not answered.");
}

/** @param {string} message @param {Scope} scope @returns {Promise<Problem|null>} why it could not be asked */
export async function ask(message, scope) {
  sending = true;
  changed();
  try {
    const { task_id: id } = await json("POST", "/chat", { body: { session_id: sessionId, message, ...scope } });
    running = id;
    held = [...held, asked(id, message, scope)];
    poller.poke();
    return null;
  } catch (error) {
    const problem = asProblem(error);
    // Another tab has asked: its question belongs on this page too.
    if (problem.code === "chat/busy") load();
    return problem;
  } finally {
    sending = false;
    changed();
  }
}

/** Calls off a question; its turn then says so. @param {string} id */
export async function cancel(id) {
  try {
    await json("POST", `/cancel_task/${id}`);
    await read();
  } catch (error) {
    trouble = asProblem(error);
    changed();
  }
}

/** The turn as it will come back. @param {string} id @param {string} question @param {Scope} scope @returns {Turn} */
const asked = (id, question, scope) => ({
  id,
  question,
  asked_at: new Date().toISOString(),
  asked_by: userId,
  section_id: scope.section_id ?? null,
  finding_id: scope.finding_id ?? null,
  status: "queued",
  progress: null,
  error: null,
  answer: null,
});

/** One round: the state of the running question; its answer once there is one. */
async function round() {
  if (running === null) return false;
  const { status, progress } = await json("GET", `/task_status/${running}`);
  const turn = held.find(({ id }) => id === running);
  if (turn) Object.assign(turn, { status, progress });
  if (progress === null) await read();
  else changed();
  return running !== null;
}

const poller = createPoller({
  ask: round,
  onTrouble(failures, error) {
    trouble = failures > 0 ? asProblem(error) : null;
    changed();
  },
});

/** @param {unknown} error */
const asProblem = (error) => (error instanceof Problem ? error : new Problem({}));

whenSeen(() => { if (loaded) load(); });
