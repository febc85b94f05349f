/** Selecting words on a page with the mouse: between lines and in the margins the nearest line is meant.
 *  Left to itself the browser jumps to the end of the page there, because the lines stand each at a place of its own. */
import { caretAt } from "./ranges.mjs";

/** @typedef {{node: Node, offset: number}} Caret */

/** Lines are wide and low: what is beside counts less than what is above or below. */
const downCounts = 3;
const beyond = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high) => Math.max(low - at, at - high, 0);

/** @param {Iterable<Element>} nodes @param {MouseEvent} event @returns {Element|undefined} */
function nearest(nodes, { clientX, clientY }) {
  const far = [...nodes].map((node) => {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    return { node, by: beyond(clientX, left, right) + downCounts * beyond(clientY, top, bottom) };
  });
  return far.length > 0 ? far.reduce((a, b) => (b.by < a.by ? b : a)).node : undefined;
}

/** @param {HTMLElement} desk @param {MouseEvent} event @returns {Caret|null} */
function caretNear(desk, event) {
  const frame = nearest(desk.querySelectorAll(".page-frame:has(.page-line)"), event);
  const line = frame && nearest(frame.querySelectorAll(".page-line"), event);
  if (!line?.firstChild) return null;
  const { left, right, top, bottom } = line.getBoundingClientRect();
  const inside = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high) => Math.min(Math.max(at, low + 1), high - 1);
  const caret = caretAt(inside(event.clientX, left, right), inside(event.clientY, top, bottom));
  const isAfter = event.clientX >= right || event.clientY >= bottom;
  return caret?.node === line.firstChild && event.clientX < right ? caret
    : { node: line.firstChild, offset: isAfter ? line.firstChild.textContent?.length ?? 0 : 0 };
}

/** @param {HTMLElement} desk */
export function letDrag(desk) {
  const move = (/** @type {PointerEvent} */ event) => {
    const { top, bottom } = desk.getBoundingClientRect();
    desk.scrollTop += beyond(event.clientY, 0, bottom) - beyond(event.clientY, top, Infinity);
    const caret = caretNear(desk, event);
    if (caret) getSelection()?.extend(caret.node, caret.offset);
  };
  desk.addEventListener("mousedown", (event) => {
    // A second press at once chooses a word: the browser does that well.
    const onPage = /** @type {Element} */ (event.target).closest(".page-text");
    const caret = onPage && event.button === 0 && event.detail === 1 && caretNear(desk, event);
    if (!caret) return;
    event.preventDefault();
    desk.focus({ preventScroll: true });
    const selection = /** @type {Selection} */ (getSelection());
    if (event.shiftKey && selection.rangeCount > 0) selection.extend(caret.node, caret.offset);
    else selection.collapse(caret.node, caret.offset);
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", () => document.removeEventListener("pointermove", move), { once: true });
  });
}
