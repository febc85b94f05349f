/** Beside selected words: what can be done with them. Loaded when somebody selects some. */
import { askAbout } from "./chat-scope.mjs";
import { el, icon } from "./dom.mjs";
import { selectedPlace } from "./ranges.mjs";
import { sections } from "./review.mjs";

/** @typedef {import("./ranges.mjs").Place} Place */

const settledMs = 200;
const apart = 8;
const mostQuoted = 300;
let timer = 0;
/** @type {HTMLElement|null} */
let bar = null;
/** Makes a finding of what is selected; null once something was done with it. @type {(() => void)|null} */
let add = null;

function hide() {
  clearTimeout(timer);
  bar?.remove();
  bar = null;
}
function end() {
  hide();
  add = null;
}

/** Once the selection has come to rest. @param {() => void} addFinding of what is selected */
export function offer(addFinding) {
  add = addFinding;
  later();
}

function later() {
  hide();
  timer = window.setTimeout(() => {
    const isPressed = document.querySelector(":active") !== null;
    if (isPressed) later();
    else show();
  }, settledMs);
}

function show() {
  const place = selectedPlace();
  const pane = document.querySelector('.pane[data-name="document"]');
  if (!place || !pane) return;
  const frame = pane.getBoundingClientRect();
  const rects = [.../** @type {Selection} */ (getSelection()).getRangeAt(0).getClientRects()]
    .filter(({ width, bottom, top }) => width > 0 && bottom > frame.top && top < frame.bottom);
  if (rects.length === 0) return;
  bar = el("div", { class: "selection-bar", role: "toolbar", "aria-label": "The selected words" },
    el("button", { class: "button", type: "button", "data-size": "s", onclick: () => add?.() }, icon("plus"), "Add a finding", el("kbd", { "aria-hidden": true }, "n")),
    el("button", { class: "button", type: "button", "data-size": "s", onclick: () => ask(place) }, icon("comment"), "Ask about the words"));
  // pressing a button must not take the selection away
  bar.addEventListener("pointerdown", (event) => event.preventDefault());
  bar.addEventListener("click", end);
  pane.append(bar);
  put(bar, { first: rects[0], last: rects[rects.length - 1], pane: frame });
}

/** Above the words, or below where there is no room; there also for a finger, whose own menu stands above.
 * @param {HTMLElement} box @param {{first: DOMRect, last: DOMRect, pane: DOMRect}} where */
function put(box, { first, last, pane }) {
  const { width, height } = box.getBoundingClientRect();
  const above = first.top - height - apart;
  const isAbove = above > pane.top && !matchMedia("(pointer: coarse)").matches;
  const { left } = isAbove ? first : last;
  box.style.left = `${Math.max(pane.left + apart, Math.min(left, pane.right - width - apart)) - pane.left}px`;
  box.style.top = `${(isAbove ? above : Math.min(last.bottom + apart, pane.bottom - height - apart)) - pane.top}px`;
}

/** @param {Place} place */
function ask({ block_id: id, quote }) {
  const block = /** @type {HTMLElement} */ (document.getElementById(id));
  const beginsBefore = (/** @type {string} */ first) => {
    const start = document.getElementById(first);
    return start && (start === block || (block.compareDocumentPosition(start) & Node.DOCUMENT_POSITION_PRECEDING) > 0);
  };
  const holder = sections().findLast(({ first_block }) => beginsBefore(first_block));
  askAbout(holder ? { section_id: holder.id } : {});
  const box = /** @type {HTMLTextAreaElement} */ (document.getElementById("question"));
  box.value = `“${quote.length > mostQuoted ? `${quote.slice(0, mostQuoted)}…` : quote}”: `;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("selectionchange", () => { if (getSelection()?.isCollapsed) end(); });
// The words stay selected while they are scrolled: it comes back to them.
document.addEventListener("scroll", () => { if (add) later(); }, { capture: true, passive: true });
document.addEventListener("keydown", ({ key }) => { if (key === "Escape") end(); });
