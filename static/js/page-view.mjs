/** The pages of a PDF as the file shows them, with a box around the words of each finding. */
import { json } from "./api.mjs";
import { arrange, el, setAttribute, setText } from "./dom.mjs";
import { layerOf, onPainted, painted, pick, placeElsewhere } from "./highlights.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { drawComments } from "./page-comments.mjs";
import { letDrag } from "./page-drag.mjs";
import { framesOf } from "./page-pictures.mjs";
import { selectable } from "./page-text.mjs";
import { address, findings, isLoaded, onReview } from "./review.mjs";
import { currentId } from "./view.mjs";
import { counted, shortened, typeWords } from "./words.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */
/** @typedef {{id: string, page: number, left: number, top: number, width: number, height: number}} Mark */

/** @type {HTMLElement|null} */
let desk = null;
/** @type {HTMLElement} */
let note;
/** @type {Map<number, HTMLElement>} page -> where its boxes are */
let layers = new Map();
/** @type {Map<string, Mark[]>} finding -> its boxes */
let marks = new Map();
/** Findings that the boxes were asked for. @type {Set<string>} */
let known = new Set();
/** The words lie over the boxes: of several boxes under the pointer the smallest is meant. @param {MouseEvent} event */
function clicked({ target, detail, clientX, clientY }) {
  if (detail === 0) pick(/** @type {HTMLElement} */ (target).dataset.finding ?? ""); // by a key
  if (detail !== 1 || !getSelection()?.isCollapsed) return;
  const size = (/** @type {Element} */ box) => box.clientWidth * box.clientHeight;
  const hits = document.elementsFromPoint(clientX, clientY).filter((node) => node.matches(".page-box"));
  const [hit] = hits.toSorted((a, b) => size(a) - size(b));
  if (hit) pick(/** @type {HTMLElement} */ (hit).dataset.finding ?? "");
}

/** @type {Map<string, HTMLElement[]>} */
const boxes = new Map();

/** @param {boolean} on */
export function showPages(on) {
  const text = /** @type {HTMLElement} */ (document.getElementById("desk"));
  if (on && !desk) desk = begun(text);
  // What is said about the document stands above it, whichever way it is shown.
  (on ? desk : text)?.prepend(...document.querySelectorAll(".desk > :is(.first-hints, .doc-note)"));
  text.hidden = on;
  if (desk) desk.hidden = !on;
  setAttribute(/** @type {Element} */ (text.parentElement), "data-shows", on ? "pages" : null);
  if (on) draw(painted());
}

/** @param {HTMLElement} text */
function begun(text) {
  document.head.append(el("link", { rel: "stylesheet", href: new URL("../css/page-view.css", import.meta.url).pathname }));
  note = el("p", { class: "page-note", role: "status" }, "Reading the pages…");
  const made = el("div", { class: "pane-scroll desk page-desk", tabindex: 0, role: "group", "aria-label": "Pages of the write-up" }, note);
  text.after(made);
  made.addEventListener("click", clicked);
  selectable(made);
  letDrag(made);
  onPainted((list) => { if (!made.hidden) draw(list); });
  onReview(() => { if (!made.hidden && !isReading && isLackingBoxes()) read(made); });
  placeElsewhere(({ id }) => (made.hidden ? undefined : boxes.get(id)?.[0]));
  read(made);
  return made;
}

const isLackingBoxes = () => findings().some(({ id, anchor }) => anchor && !known.has(id));

let isReading = false;

/** @param {HTMLElement} made */
async function read(made) {
  isReading = true;
  try {
    const asked = new Set(isLoaded() ? findings().map(({ id }) => id) : []);
    const { pages, marks: found, comments } = await json("GET", address("/pages"));
    known = asked;
    marks = Map.groupBy(/** @type {Mark[]} */ (found), ({ id }) => id);
    if (layers.size === 0) {
      layers = framesOf(made, pages);
      drawComments(layers, comments);
    }
    draw(painted());
  } catch (error) {
    const again = linkButton("Try again", () => { note.replaceChildren("Reading the pages…"); read(made); });
    note.replaceChildren(problemNotice(/** @type {any} */ (error), { actions: [again], heading: "h3" }));
  }
  isReading = false;
}

/** @param {Finding[]} list what is painted in the text */
function draw(list) {
  if (layers.size === 0) return;
  const drawn = list.filter(({ id }) => marks.has(id));
  /** @type {Map<number, {top: number, left: number, node: HTMLElement}[]>} */
  const byPage = new Map();
  boxes.clear();
  for (const one of drawn) {
    const here = /** @type {Mark[]} */ (marks.get(one.id)).map((mark, at) => ({ ...mark, node: boxOf(one, mark, at) }));
    for (const { page, top, left, node } of here) byPage.set(page, [...(byPage.get(page) ?? []), { top, left, node }]);
    boxes.set(one.id, here.map(({ node }) => node));
  }
  for (const [page, layer] of layers) {
    const inOrder = (byPage.get(page) ?? []).toSorted((a, b) => a.top - b.top || a.left - b.left);
    arrange(layer, inOrder.map(({ node }) => node));
  }
  const lost = list.length - drawn.length;
  setText(note, lost > 0 ? `${counted(lost, "finding")} could not be placed on the pages: the text shows where they are.` : "");
}

/** @type {Map<string, HTMLElement>} one for each line of each finding's words, for as long as the page is open */
const nodes = new Map();

/** The first box of a finding is its button; those on further lines are for the pointer alone.
 * @param {Finding} one @param {Mark} mark @param {number} at */
function boxOf(one, mark, at) {
  const key = `${one.id} ${at}`;
  const box = nodes.get(key) ?? el("button", { class: "page-box", type: "button", "data-finding": one.id });
  nodes.set(key, box);
  const percent = (/** @type {number} */ share) => `${share * 100}%`;
  Object.assign(box.style, { left: percent(mark.left), top: percent(mark.top), width: percent(mark.width), height: percent(mark.height) });
  setAttribute(box, "data-mark", layerOf(one));
  setAttribute(box, "aria-current", one.id === currentId() ? "true" : null);
  setAttribute(box, "aria-label", `${typeWords[one.type]}: ${one.category}, “${shortened(one.quote, 80)}”`);
  if (at > 0) { box.tabIndex = -1; setAttribute(box, "aria-hidden", "true"); }
  return box;
}
