/** One turn of the chat: the question, and its answer, its state or what went wrong. */
import { showCitation } from "./chat-places.mjs";
import { scopeWords, sectionTitle } from "./chat-scope.mjs";
import { el, icon } from "./dom.mjs";
import { linkButton } from "./notices.mjs";
import { begin } from "./own-findings.mjs";
import { who } from "./people.mjs";
import { canDecide, finding } from "./review.mjs";
import { waitWords } from "./waiting.mjs";
import { counted, fullTime, referenceWords, shortened } from "./words.mjs";

/** @typedef {import("./chat-conversation.mjs").Turn} Turn @typedef {import("./chat-conversation.mjs").Answer} Answer
 *  @typedef {import("./chat-conversation.mjs").Citation} Citation */

const quoteChars = 60;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** What a turn consists of, to draw it only when it changed. @param {Turn} turn @param {boolean} busy */
export const drawnFrom = (turn, busy) => JSON.stringify([turn, scopeWords(turn), turn.error !== null && busy]);

/** @typedef {{busy: boolean, again: (turn: Turn) => void, cancel: (turn: Turn) => void}} Acts */

/** @param {Turn} turn @param {Acts} acts @returns {HTMLElement} */
export function drawTurn(turn, acts) {
  return el("li", { class: "turn", "data-turn": turn.id, "data-state": turn.status },
    el("div", { class: "asked" },
      head(el("b", {}, who(turn.asked_by)), turn.asked_at, scopeWords(turn)),
      el("div", { class: "said" }, ...paragraphs(turn.question))),
    el("div", { class: "answered" }, ...(turn.answer ? answered(turn, turn.answer) : [pending(turn, acts)])));
}

/** @param {HTMLElement} who @param {string} at @param {string} [about] */
function head(who, at, about = "") {
  const when = new Date(at);
  return el("header", {}, who, el("time", { datetime: at, title: fullTime.format(when) }, clock.format(when)),
    about && el("span", {}, about));
}

/** @param {string} text */
const paragraphs = (text) => text.split(/\n{2,}/).filter((part) => part.trim()).map((part) => el("p", {}, part));

/** The answer as a finding of one's own: on the first place it cites, else where the question was about.
 * @param {Turn} turn @param {Answer} answer */
function makeFinding({ section_id: asked, finding_id: findingId }, { answer, citations }) {
  const [first] = citations;
  const about = finding(findingId);
  const place = first ?? (about?.anchor ? { ...about.anchor, quote: about.quote } : null);
  begin({ place, section: first?.section_id ?? asked ?? about?.section_id ?? "document", description: answer });
}

/** @param {Turn} turn @param {Answer} answer */
function answered(turn, answer) {
  const { read, dropped_citations: dropped, citations } = answer;
  const notes = [
    read.blocks < read.of && `The write-up is long: ${read.blocks} of ${counted(read.of, "paragraph")} were read for this.`,
    dropped > 0 && `${counted(dropped, "citation")} left out: the words are not in the write-up.`,
  ].filter(Boolean);
  return [
    head(answerer(answer), answer.answered_at),
    el("div", { class: "said" }, ...paragraphs(answer.answer)),
    citations.length > 0 && el("ul", { class: "cites", role: "list", "aria-label": "Places in the document" },
      ...citations.map((citation) => el("li", {}, cite(citation)))),
    ...notes.map((note) => el("p", { class: "note" }, String(note))),
    canDecide() && el("p", { class: "note" }, linkButton("Make this a finding", () => makeFinding(turn, answer))),
  ].filter((node) => node !== false);
}

/** Never a model's name where none answered. @param {Answer} answer */
function answerer({ brain, model_used: model }) {
  if (!brain) return el("b", {}, model);
  return el("b", { class: "label brain" }, icon("rules"), brain === "rules" ? "Local rules, no model answered" : model);
}

/** @param {Citation} citation */
function cite(citation) {
  const { quote, section_id: id } = citation;
  return el("button", { class: "cite", type: "button", title: quote, onclick: () => showCitation(citation) },
    icon("target"), el("span", {}, `“${shortened(quote, quoteChars)}”`), el("small", {}, sectionTitle(id)));
}

/** @param {Turn} turn @param {Acts} acts */
function pending(turn, acts) {
  if (turn.error || turn.status === "cancelled") return failed(turn, acts);
  const wait = waitWords(turn.progress, "question");
  const words = wait ? `Waits: ${wait}` : states[turn.status] ?? "Looking for an answer";
  return el("p", { class: "pending" },
    el("span", { class: "label", "data-state": "running" }, icon("state-running"), el("span", {}, words)),
    canDecide() && linkButton("Cancel", () => acts.cancel(turn)));
}

/** @type {Record<string, string>} */
const states = { queued: "Waiting for a free worker", retrying: "Trying again" };

/** @param {Turn} turn @param {Acts} acts */
function failed(turn, { busy, again }) {
  const press = canDecide() && linkButton("Ask again", () => again(turn));
  if (press && busy) press.setAttribute("aria-disabled", "true");
  return el("div", { class: "notice", "data-level": "danger" }, icon("state-failed"),
    el("div", {},
      el("h3", {}, turn.error ? "No answer" : "Cancelled"),
      turn.error && el("p", {}, turn.error.detail, " ", turn.error.next_step, referenceWords(turn.error)),
      press && el("p", { class: "notice-actions" }, press)));
}
