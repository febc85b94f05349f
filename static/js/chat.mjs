/** The chat panel: history, the question box, what it is about, and what stands in the way. */
import { toast } from "./announce.mjs";
import { ask, cancel, isBusy, isLoaded, load, onConversation, troubleNow, turns } from "./chat-conversation.mjs";
import { chosenScope, mountScope } from "./chat-scope.mjs";
import { drawnFrom, drawTurn } from "./chat-turn.mjs";
import { arrange, part, setAttribute } from "./dom.mjs";
import { keep, recall } from "./kept.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { canDecide, isLoaded as isReviewLoaded, onReview, sessionId } from "./review.mjs";
import { onTab } from "./tabs.mjs";

/** @typedef {import("./chat-conversation.mjs").Turn} Turn @typedef {import("./chat-conversation.mjs").Scope} Scope
 *  @typedef {import("./api.mjs").Problem} Problem */

const key = `question:${sessionId}`;
const busyWords = "The last question is still being answered.";
/** @type {Map<string, {from: string, node: HTMLElement}>} turn id -> what it was drawn from */
const drawn = new Map();
/** @type {Problem|null} why the question in the box could not be asked */
let refused = null;

/** @param {Turn} turn */
function turnNode(turn) {
  const busy = isBusy();
  const from = drawnFrom(turn, busy);
  const held = drawn.get(turn.id);
  if (held?.from === from) return held.node;
  const node = drawTurn(turn, { busy, again: askAgain, cancel: ({ id }) => cancel(id) });
  drawn.set(turn.id, { from, node });
  return node;
}

/** @param {HTMLElement} panel */
function draw(panel) {
  const list = turns();
  const scroll = part(panel, "chat-scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const held = document.activeElement?.closest(".turn")?.getAttribute("data-turn");
  arrange(part(panel, "turns"), list.map(turnNode));
  // The button that had the focus was drawn anew with its turn.
  if (held && !document.activeElement?.closest(".turn")) drawn.get(held)?.node.querySelector("button")?.focus();
  part(panel, "chat-loading").hidden = isLoaded() || troubleNow() !== null;
  part(panel, "chat-tools").hidden = list.length === 0;
  part(panel, "chat-empty").hidden = !isLoaded() || list.length > 0;
  const reader = isReviewLoaded() && !canDecide();
  part(panel, "chat-reader").hidden = !reader;
  part(panel, "suggested").hidden = reader;
  if (isReviewLoaded()) part(panel, "composer").hidden = reader;
  setAttribute(part(panel, "ask"), "aria-disabled", isBusy() ? "true" : null);
  drawTrouble(panel);
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

/** @param {HTMLElement} panel */
function drawTrouble(panel) {
  const problem = troubleNow();
  const again = linkButton("Try again", load);
  part(panel, "chat-trouble").replaceChildren(...(problem ? [problemNotice(problem, { actions: [again] })] : []));
  part(panel, "refusal").replaceChildren(...(refused ? [problemNotice(refused, { also: "Your question is kept." })] : []));
}

/** @param {Turn} turn */
function askAgain({ question, section_id: section, finding_id: finding }) {
  if (isBusy()) toast(busyWords);
  else put(question, { ...(section && { section_id: section }), ...(finding && { finding_id: finding }) });
}

/** @param {string} question @param {Scope} scope @returns {Promise<boolean>} */
async function put(question, scope) {
  refused = null;
  refused = await ask(question, scope);
  const panel = document.getElementById("panel-chat");
  if (panel) {
    drawTrouble(panel);
    if (!refused) part(panel, "chat-scroll").scrollTop = part(panel, "chat-scroll").scrollHeight;
  }
  return refused === null;
}

/** @param {HTMLTextAreaElement} box */
async function send(box) {
  const question = box.value.trim();
  if (question === "") return;
  if (isBusy()) { toast(busyWords); return; }
  const accepted = await put(question, chosenScope());
  // Not what was typed while the question was on its way.
  if (accepted && box.value.trim() === question) box.value = "";
  keep("tab", key, box.value);
  box.focus();
}

/** @param {HTMLElement} panel */
export function mount(panel) {
  const form = /** @type {HTMLFormElement} */ (part(panel, "composer"));
  const box = /** @type {HTMLTextAreaElement} */ (part(panel, "question"));
  mountScope(panel);
  box.value = recall("tab", key) ?? "";
  box.addEventListener("input", () => keep("tab", key, box.value));
  box.addEventListener("keydown", (event) => {
    // While an input method composes a word, Enter ends the word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); send(box); });
  part(panel, "chat-empty").addEventListener("click", (event) => {
    const suggested = /** @type {Element} */ (event.target).closest("button")?.textContent;
    if (!suggested) return;
    box.value = suggested.trim();
    send(box);
  });
  onConversation(() => draw(panel));
  onReview(() => { if (!panel.hidden) draw(panel); });
  onTab("chat", () => { if (isLoaded()) draw(panel); else load(); });
}
