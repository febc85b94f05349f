/** Paints findings on their words: CSS Custom Highlight API, or <mark> elements where that is missing. */
import { buttonOf, drawBlockButtons } from "./block-buttons.mjs";
import { el } from "./dom.mjs";
import { show as showPane } from "./panes.mjs";
import { addView, caretAt, offsetsOf, rangesOf } from "./ranges.mjs";
import { findings, finding, section } from "./review.mjs";
import { showAt } from "./scrolling.mjs";
import { currentId, onView, select, shown } from "./view.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

/** Later ones lie on top. */
const layerNames = ["decided", "mine", "positive", "suggestion", "important", "critical", "active"];
const canPaint = typeof CSS !== "undefined" && "highlights" in CSS;
let mode = "shown";
/** @type {((list: Finding[]) => void)[]} */
const listeners = [];
/** @param {(list: Finding[]) => void} act told what is painted, each time */
export const onPainted = (act) => { listeners.push(act); };

/** @returns {Finding[]} findings that are painted now, with an anchor each */
export function painted() {
  if (mode === "off") return [];
  return (mode === "all" ? findings() : shown()).filter(({ anchor }) => anchor);
}

/** @param {Finding} one @returns {string} */
export function layerOf(one) {
  if (one.id === currentId()) return "active";
  if (one.own && one.decision !== "rejected") return "mine";
  return one.decision === "open" ? one.type : "decided";
}

/** What is painted now, by finding. @type {Map<string, {layer: Highlight, ranges: AbstractRange[]}>} */
const inLayers = new Map();
/** @type {Map<string, Highlight>} */
const layers = new Map();

/** Only what changes its layer is painted anew. @param {Finding[]} list */
function paint(list) {
  if (!canPaint) { paintMarks(list); return; }
  const wanted = new Map(list.map((one) => [one.id, layerNamed(layerOf(one))]));
  for (const [id, { layer, ranges }] of inLayers) {
    if (wanted.get(id) === layer) continue;
    for (const range of ranges) layer.delete(range);
    inLayers.delete(id);
  }
  for (const { id, anchor } of list) {
    if (inLayers.has(id)) continue;
    const layer = /** @type {Highlight} */ (wanted.get(id));
    // Static ones: the text stays as it is, and WebKit looks for the words of live ranges anew at each change of the
    // page; while a dialog keeps them from being selected it takes the dialog's title for them.
    const ranges = rangesOf(/** @type {any} */ (anchor)).map((range) => new StaticRange(range));
    for (const range of ranges) layer.add(range);
    inLayers.set(id, { layer, ranges });
  }
}

/** @param {string} name */
function layerNamed(name) {
  const known = layers.get(name);
  if (known) return known;
  const made = new Highlight();
  made.priority = layerNames.indexOf(name);
  CSS.highlights.set(name, made);
  layers.set(name, made);
  return made;
}

/** Strongest first; a mark that would cut through another one is left out. @param {Finding[]} list */
function paintMarks(list) {
  for (const mark of document.querySelectorAll("mark[data-mark]")) {
    const { parentNode } = mark;
    mark.replaceWith(...mark.childNodes);
    parentNode?.normalize();
  }
  const strongestFirst = list.toSorted((a, b) => layerNames.indexOf(layerOf(b)) - layerNames.indexOf(layerOf(a)));
  for (const one of strongestFirst) {
    for (const range of rangesOf(/** @type {any} */ (one.anchor))) {
      const inMark = range.startContainer.parentElement?.closest("mark");
      if (!inMark) range.surroundContents(el("mark", { "data-mark": layerOf(one) }));
    }
  }
}

function draw() {
  const list = painted();
  paint(list);
  drawBlockButtons(list, pick);
  for (const tell of listeners) tell(list);
}

/** @param {string} id */
export function pick(id) {
  showPane("findings");
  select(id, "document");
}

/** From a card to its words, or to its section when it has none. @param {Finding} one */
export function showInDocument(one) {
  showPane("document");
  const place = placeOf(one);
  if (!place) return;
  showAt(place, { smooth: true });
  (buttonOf(place.id) ?? focusable(place)).focus({ preventScroll: true });
}

/** @type {(one: Finding) => HTMLElement|undefined} */
let elsewhere = () => undefined;
/** @param {typeof elsewhere} act where a finding stands while something else than the text is shown */
export const placeElsewhere = (act) => { elsewhere = act; };
/** @param {Finding} one */
const placeOf = (one) => elsewhere(one) ?? document.getElementById(one.anchor?.block_id ?? section(one.section_id)?.first_block ?? "");

/** @param {HTMLElement} node */
function focusable(node) {
  if (node.tabIndex < 0) node.tabIndex = -1;
  return node;
}

/** A click on painted words selects their finding; of several the one with the fewest words.
 * @param {MouseEvent} event */
function clicked({ clientX, clientY }) {
  const caret = getSelection()?.isCollapsed ? caretAt(clientX, clientY) : null;
  if (!caret) return;
  const under = (/** @type {Range} */ range) => range.isPointInRange(caret.node, caret.offset);
  const hits = painted().filter(({ anchor }) => rangesOf(/** @type {any} */ (anchor)).some(under));
  const hit = hits.toSorted((a, b) => a.quote.length - b.quote.length)[0];
  if (hit) pick(hit.id);
}

/** @param {HTMLElement} desk */
export function mount(desk) {
  addView(desk, offsetsOf);
  desk.addEventListener("click", clicked);
  const select = /** @type {HTMLSelectElement} */ (document.getElementById("highlight-mode"));
  select.addEventListener("change", () => { mode = select.value; draw(); });
  onView(({ selected, from }) => {
    draw();
    const current = finding(currentId());
    const follows = selected && from !== "document" && from !== "start";
    const place = follows && current?.anchor && placeOf(current);
    if (place && place.checkVisibility()) showAt(place);
  });
}
