/** How far the review is: one segment per section, honest counts, "Review all", the tab's title. */
import { el, part, setAttribute, setText } from "./dom.mjs";
import { problemNotice } from "./notices.mjs";
import { segment } from "./outline-row.mjs";
import { canDecide, documentName, isLoaded, onReview, sections } from "./review.mjs";
import { failedRounds, isAsked, refusalOf, reviewAll } from "./tasks.mjs";
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

/** @param {HTMLElement} strip */
function drawSegments(strip) {
  const drawn = [...strip.querySelectorAll(".segments > li")].map((item) => item.getAttribute("data-section"));
  if (drawn.join() !== sections().map(({ id }) => id).join()) {
    /** @type {Element} */ (strip.querySelector(".segments")).replaceChildren(...sections().map(segment));
  }
  for (const { id, name, status } of sections()) {
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
  ].filter((node) => node !== "");
}

/** @param {HTMLElement} strip @param {Tally} made */
function drawAction(strip, { total, failed, rest }) {
  const button = /** @type {HTMLButtonElement} */ (part(strip, "review-all"));
  button.hidden = !canDecide() || rest + failed === 0;
  button.setAttribute("aria-disabled", String(isAsked("all")));
  setText(part(strip, "review-all-words"), actionWords(total, failed, rest));
}

/** @param {number} total @param {number} failed @param {number} rest */
function actionWords(total, failed, rest) {
  if (isAsked("all")) return "Asking…";
  if (rest === total) return "Review all";
  return rest > 0 ? `Review the other ${rest + failed}` : `Run ${failed} again`;
}

/** @param {Tally} made */
function drawTitle({ total, completed, rest }) {
  const name = rest === total ? documentName() : `${completed} of ${total}: ${documentName()}`;
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
  if (refusal) place.replaceChildren(problemNotice(refusal));
  else if (lost) place.replaceChildren(problemNotice(noAnswer, { level: "caution" }));
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
  onReview(() => {
    if (!isLoaded()) return;
    const made = tally();
    drawSegments(strip);
    part(strip, "counts").replaceChildren(...countWords(made));
    part(strip, "failed").hidden = made.failed === 0;
    setText(part(strip, "failed-words"), `${made.failed} failed`);
    part(strip, "brain").hidden = !sections().some(({ answered_by: by }) => by?.brain === "rules");
    drawAction(strip, made);
    drawTitle(made);
    drawTrouble(trouble);
  });
}
