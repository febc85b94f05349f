/** What was said in the file already, under the page that it is on, with a button beside the words that it is about. */
import { el, icon } from "./dom.mjs";
import { linkButton } from "./notices.mjs";
import { showAt } from "./scrolling.mjs";

/** @typedef {import("./page-view.mjs").Mark} Mark
 *  @typedef {{id: string, page: number, marks: Mark[]}} Comment */

/** Of the page's height: buttons of one line stand under each other, on a phone's page too. */
const apart = 0.047;
const lowest = 1 - apart;
const percent = (/** @type {number} */ share) => `${share * 100}%`;

/** @param {Map<number, HTMLElement>} layers page -> where its boxes are @param {Comment[]} comments */
export function drawComments(layers, comments) {
  for (const [page, here] of Map.groupBy(comments, (one) => one.page)) {
    const frame = layers.get(page)?.parentElement;
    if (frame) drawOn(frame, here, page);
  }
}

/** @param {HTMLElement} frame @param {Comment[]} comments @param {number} page */
function drawOn(frame, comments, page) {
  const list = el("ul", { class: "doc-comments page-comments", role: "list", "aria-label": `Comments on page ${page}` });
  const marked = comments.toSorted((a, b) => topOf(a) - topOf(b));
  let free = 0;
  for (const { id, marks } of marked) {
    const [first, ...answers] = thread(id);
    if (!first) continue;
    list.append(first, ...answers);
    if (marks.length === 0) continue;
    const top = Math.min(Math.max(marks[0].top, free), lowest);
    frame.append(...buttonTo(first, marks, top));
    free = top + apart;
  }
  frame.after(list);
}

/** One without words comes last. @param {Comment} comment */
const topOf = ({ marks }) => marks[0]?.top ?? 1;

/** As the text shows it: the comment and what was answered. @param {string} id @returns {HTMLElement[]} */
function thread(id) {
  const found = [];
  let next = document.querySelector(`#desk [data-comment="${CSS.escape(id)}"]`);
  do {
    if (next) found.push(/** @type {HTMLElement} */ (next.cloneNode(true)));
    next = next?.nextElementSibling ?? null;
  } while (next?.hasAttribute("data-answer"));
  return found;
}

/** The way from the words to what is said of them, and back. @param {HTMLElement} said @param {Mark[]} marks @param {number} top */
function buttonTo(said, marks, top) {
  const fold = /** @type {HTMLDetailsElement} */ (said.querySelector("details"));
  const summary = /** @type {HTMLElement} */ (fold.querySelector("summary"));
  const go = (/** @type {MouseEvent} */ event) => {
    event.stopPropagation();
    fold.open = true;
    showAt(said, { smooth: true });
    summary.focus({ preventScroll: true });
  };
  const about = summary.textContent ?? "";
  const button = el("button", { class: "page-comment", type: "button", "aria-label": about, title: about, onclick: go }, icon("comment"));
  button.style.top = percent(top);
  const words = el("div", { class: "page-comment-words", "aria-hidden": true }, ...marks.map(box));
  const back = () => { showAt(button, { smooth: true }); button.focus({ preventScroll: true }); };
  fold.append(el("p", {}, linkButton("Show on the page", back)));
  return [button, words];
}

/** @param {Mark} mark */
function box({ left, top, width, height }) {
  const node = el("span");
  Object.assign(node.style, { left: percent(left), top: percent(top), width: percent(width), height: percent(height) });
  return node;
}
