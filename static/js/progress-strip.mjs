/** How far the review is: one segment per section, honest counts, "Review all", the tab's title. */
import { el, part, setAttribute, setText } from "./dom.mjs";
import { problemNotice } from "./notices.mjs";
import { segment } from "./outline-row.mjs";
import { canDecide, documentName, followed, hasWhole, isLoaded, onReview, sections, whole } from "./review.mjs";
import { cancelAll, failedRounds, isAsked, progressOf, refusalOf, reviewAll } from "./tasks.mjs";
import { waitWords, worst } from "./waiting.mjs";
import { counted, isActive, stateWords } from "./words.mjs";

const troubleAfterRounds = 2;

function tally() {
  const made = { total: 0, completed: 0, failed: 0, queued: 0, running: 0, rest: 0 };
  for (const { status } of sections()) {
    if (status === "skipped") continue;
    made.total += 1;
    if (status === "queued") made.queued += 1;
    else if (isActive(status)) made.running += 1;
    else if (status === "completed" || status === "failed") made[status] += 1;
    else made.rest += 1;
  }
  return made;
}
/** @typedef {ReturnType<typeof tally>} Tally */

/** What "all" is: the sections and, beside more than one, the whole document. */
const all = () => (hasWhole() ? followed() : sections());

/** @param {HTMLElement} strip */
function drawSegments(strip) {
  const drawn = [...strip.querySelectorAll(".segments > li")].map((item) => item.getAttribute("data-section"));
  if (drawn.join() !== all().map(({ id }) => id).join()) {
    /** @type {Element} */ (strip.querySelector(".segments")).replaceChildren(...all().map(segment));
  }
  for (const { id, name, status } of all()) {
    const segment = strip.querySelector(`li[data-section="${CSS.escape(id)}"]`);
    if (!segment) continue;
    setAttribute(segment, "data-state", status);
    setText(/** @type {Element} */ (segment.firstElementChild), `${name}: ${stateWords[status]}`);
  }
}

/** @param {Tally} made @returns {(Node|string)[]} */
function countWords({ total, completed, failed, queued, running, rest }) {
  if (rest === total) return [counted(total, "section"), el("span", { class: "muted" }, ", not reviewed yet")];
  const moving = [running > 0 && `${running} running`, queued > 0 && `${queued} waiting`].filter(Boolean).join(", ");
  const about = moving || (completed + failed < total ? `${rest} not asked for` : "");
  return [
    el("b", { class: "number" }, `${completed} of ${total}`), ` ${total === 1 ? "section" : "sections"}`,
    about && el("span", { class: "muted" }, `, ${about}`),
    hasWhole() && el("span", { class: "whole" }, `, whole document ${wholeWords[whole().status]}`),
  ].filter(Boolean);
}

/** @type {Record<string, string>} */
const wholeWords = {
  not_started: "not asked for", queued: "waiting", running: "running", retrying: "trying again",
  completed: "too", failed: "failed", cancelled: "cancelled",
};

/** How long until the last of what waits has its turn. @param {HTMLElement} place */
function drawWait(place) {
  const waits = followed().filter(({ status }) => isActive(status) && status !== "running").map(progressOf).filter((one) => one !== null);
  const words = waitWords(worst(waits), "section");
  place.hidden = words === "";
  setText(place, waits.length > 1 ? `The last one waits: ${words}` : `Waits: ${words}`);
}

/** @param {HTMLElement} strip @param {Tally} made */
function drawAction(strip, { total, failed: failedSections, rest: restSections }) {
  const last = hasWhole() ? whole().status : "completed";
  const failed = failedSections + Number(last === "failed");
  const rest = restSections + Number(last === "not_started" || last === "cancelled");
  const cancel = part(strip, "cancel-all");
  const button = part(strip, "review-all");
  const held = [cancel, button].find((one) => one === document.activeElement);
  cancel.hidden = !canDecide() || !followed().some(({ status }) => isActive(status));
  button.hidden = !canDecide() || rest + failed === 0;
  for (const one of [cancel, button]) one.setAttribute("aria-disabled", String(isAsked("all")));
  setText(part(strip, "review-all-words"), actionWords(restSections === total, failed, rest));
  // The one that was pressed is gone: the focus goes to the other.
  if (held?.hidden) [cancel, button].find((one) => !one.hidden)?.focus();
}

/** @param {boolean} untouched @param {number} failed @param {number} rest */
function actionWords(untouched, failed, rest) {
  if (isAsked("all")) return "Asking…";
  if (untouched) return "Review all";
  return rest > 0 ? `Review the other ${rest + failed}` : `Run ${failed} again`;
}

/** Counts the pass over the whole document too: a tab that says "3 of 3" has nothing more to wait for. */
function drawTitle() {
  const asked = all().filter(({ status }) => status !== "skipped");
  const completed = asked.filter(({ status }) => status === "completed").length;
  const untouched = asked.every(({ status }) => status === "not_started");
  const name = untouched ? documentName() : `${completed} of ${asked.length}: ${documentName()}`;
  const title = `${name} · AI-Prism`;
  if (document.title !== title) document.title = title;
}

/** @param {HTMLElement} place */
function drawTrouble(place) {
  const refusal = refusalOf("all");
  const lost = failedRounds() >= troubleAfterRounds;
  const drawn = refusal?.title ?? (lost ? "lost" : "");
  if (place.dataset.drawn === drawn) return;
  place.dataset.drawn = drawn;
  if (refusal) place.replaceChildren(problemNotice(refusal, { heading: "h2" }));
  else if (lost) place.replaceChildren(problemNotice(noAnswer, { level: "caution", heading: "h2" }));
  else place.replaceChildren();
}

const noAnswer = /** @type {any} */ ({
  title: "No answer from AI-Prism right now",
  detail: "The states of the sections may be old. Work that was accepted goes on.",
  nextStep: "It is asked again by itself.",
});

/** @param {HTMLElement} strip */
export function mount(strip) {
  const trouble = /** @type {HTMLElement} */ (document.getElementById("strip-notice"));
  part(strip, "review-all").addEventListener("click", reviewAll);
  part(strip, "cancel-all").addEventListener("click", cancelAll);
  onReview(({ kind }) => {
    if (!isLoaded() || kind === "finding") return;
    const made = tally();
    drawSegments(strip);
    part(strip, "counts").replaceChildren(...countWords(made));
    drawWait(part(strip, "wait"));
    part(strip, "failed").hidden = made.failed === 0;
    setText(part(strip, "failed-words"), `${made.failed} failed`);
    part(strip, "brain").hidden = !sections().some(({ answered_by: by }) => by?.brain === "rules");
    drawAction(strip, made);
    drawTitle();
    drawTrouble(trouble);
  });
}
