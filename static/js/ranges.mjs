/** From (block, start, end) in UTF-16 units to ranges of text nodes. The text is never searched. */

/** @typedef {{block_id: string, start: number, end: number}} Part UTF-16 units of the block's text */

/** Text nodes of a block, without labels and flags. @param {Element} block @returns {Text[]} */
function textNodes(block) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
    if (node instanceof Text) return NodeFilter.FILTER_ACCEPT;
    return /** @type {Element} */ (node).hasAttribute("data-skip") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  });
  const nodes = [];
  while (walker.nextNode()) nodes.push(/** @type {Text} */ (walker.currentNode));
  return nodes;
}

/** @param {Part & {more?: Part[]}} anchor @returns {Range[]} one range per text node, so that skipped parts stay unpainted */
export const rangesOf = (anchor) => [anchor, ...anchor.more ?? []].flatMap(rangesIn);

/** @param {Part} part @returns {Range[]} */
function rangesIn({ block_id: id, start, end }) {
  const block = document.getElementById(id);
  if (!block) return [];
  const ranges = [];
  let at = 0;
  for (const node of textNodes(block)) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, node.length);
    if (from < to) ranges.push(rangeIn(node, from, to));
    at += node.length;
  }
  return ranges;
}

/** @param {Text} node @param {number} from @param {number} to */
function rangeIn(node, from, to) {
  const range = new Range();
  range.setStart(node, from);
  range.setEnd(node, to);
  return range;
}

/** The text node and offset under a point, in the words of whichever browser this is.
 * @param {number} x @param {number} y @returns {{node: Node, offset: number}|null} */
export function caretAt(x, y) {
  if (document.caretPositionFromPoint) {
    const caret = document.caretPositionFromPoint(x, y);
    return caret && { node: caret.offsetNode, offset: caret.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}

/** @typedef {Part & {quote: string, more?: Part[]}} Place words of the document, in UTF-16 units */

/** What shows the document -> where in its text a range of that stands. @type {Map<Node, (range: Range) => Place|null>} */
const views = new Map();
/** @param {Node} view @param {(range: Range) => Place|null} placeOf */
export const addView = (view, placeOf) => { views.set(view, placeOf); };

/** The words of the document that are selected now. @returns {Place|null} */
export function selectedPlace() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  for (const [view, placeOf] of views) if (view.contains(range.commonAncestorContainer)) return placeOf(range);
  return null;
}

/** The words of a range of the text. @param {Range} range @returns {Place|null} */
export function offsetsOf(range) {
  const blocks = [...document.querySelectorAll(".block")].filter((block) => range.intersectsNode(block));
  const places = blocks.map((block) => offsetsIn(block, range)).filter((place) => place !== null);
  const [first, ...rest] = places;
  const more = rest.map(({ quote: _, ...part }) => part);
  return first ? { ...first, quote: places.map(({ quote }) => quote).join(" "), more } : null;
}

/** @param {Element} block @param {Range} range @returns {Place|null} */
function offsetsIn(block, range) {
  const spans = [];
  let at = 0;
  for (const node of textNodes(block)) {
    const from = node === range.startContainer ? range.startOffset : 0;
    const to = node === range.endContainer ? range.endOffset : node.length;
    if (range.intersectsNode(node) && from < to) spans.push({ start: at + from, end: at + to, words: node.data.slice(from, to) });
    at += node.length;
  }
  const words = spans.map((span) => span.words).join("");
  const quote = words.trim();
  if (quote === "") return null;
  // A press that chooses a word chooses the space behind it as well.
  const start = spans[0].start + words.indexOf(quote);
  return { block_id: block.id, start, end: start + quote.length, quote };
}
