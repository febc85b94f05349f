/** The words of a PDF's pages, unseen upon its pictures where they stand there: to select, copy and find them. */
import { json } from "./api.mjs";
import { el } from "./dom.mjs";
import { addView, rangesOf } from "./ranges.mjs";
import { address } from "./review.mjs";

/** @typedef {import("./ranges.mjs").Part} Part @typedef {import("./ranges.mjs").Place} Place */
/** @typedef {Part & {page: number, left: number, top: number, width: number, height: number}} Line shares of the page */
/** @typedef {{number: number, width: number, height: number}} Page in points */

const font = "sans-serif";
/** Of what is as high as a line, the letters' own size. */
const sizeShare = 0.85;
/** @type {Promise<Map<number, Line[]>>|undefined} */
let reading;
const ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
ruler.font = `100px ${font}`;

/** @type {WeakMap<Element, Part>} line -> its words */
const parts = new WeakMap();
const wordsOf = (/** @type {Part} */ part) => rangesOf(part).join("");

/** Once, for all pages: they are small beside the pictures. @param {number} [tries] while others are being read */
async function read(tries = 5) {
  try {
    const { lines } = await json("GET", address("/pages/lines"));
    return Map.groupBy(/** @type {Line[]} */ (lines), ({ page }) => page);
  } catch (error) {
    const { retryAfterS } = /** @type {import("./api.mjs").Problem} */ (error);
    if (!retryAfterS || tries === 1) throw error;
    await new Promise((done) => { setTimeout(done, retryAfterS * 1000); });
    return read(tries - 1);
  }
}

/** Throws where the words could not be read; the page can be looked at all the same.
 * @param {Page} page @param {Element} frame */
export async function drawText(page, frame) {
  reading ??= read();
  const lines = await reading.catch((error) => { reading = undefined; throw error; });
  // The breaks are for what is copied: lines that stand by themselves would run into one.
  const nodes = (lines.get(page.number) ?? []).flatMap((line) => [lineNode(line, page), el("br", { role: "presentation" })]);
  frame.append(el("div", { class: "page-text" }, ...nodes));
}

/** @param {Line} line @param {Page} page */
function lineNode({ block_id, start, end, left, top, width, height }, page) {
  const part = { block_id, start, end };
  const text = wordsOf(part);
  // Sizes are shares of the frame's width, so that they grow with it: 1cqw is a hundredth of it.
  const isUpright = height > width && text.length > 2;
  const across = isUpright ? (height * page.height) / page.width : width;
  const size = sizeShare * (isUpright ? width : (height * page.height) / page.width);
  const node = el("span", { class: "page-line", "data-upright": isUpright }, text);
  const stretch = (across / size) * (100 / (ruler.measureText(text).width || 1));
  Object.assign(node.style, { left: `${left * 100}%`, top: `${top * 100}%`, fontSize: `${size * 100}cqw` });
  node.style.transform = isUpright ? `scaleY(${stretch})` : `scaleX(${stretch})`;
  parts.set(node, part);
  return node;
}

/** @param {HTMLElement} desk that holds the pages */
export function selectable(desk) {
  addView(desk, (range) => placeOf(range, [...desk.querySelectorAll(".page-line")]));
}

/** The selected words, as places of the text. @param {Range} range @param {Element[]} lines @returns {Place|null} */
function placeOf(range, lines) {
  /** @type {Map<string, Part>} */
  const byBlock = new Map();
  for (const line of lines.filter((one) => range.intersectsNode(one))) {
    const { block_id, start, end } = /** @type {Part} */ (parts.get(line));
    const from = line.firstChild === range.startContainer ? start + range.startOffset : start;
    const to = line.firstChild === range.endContainer ? start + range.endOffset : end;
    const held = byBlock.get(block_id) ?? { start: from, end: to };
    if (from < to) byBlock.set(block_id, { block_id, start: Math.min(held.start, from), end: Math.max(held.end, to) });
  }
  const selected = [...byBlock.values()];
  const [first, ...more] = selected;
  return first ? { ...first, quote: selected.map(wordsOf).join(" "), more } : null;
}
