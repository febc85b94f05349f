/** From a citation to its words in the document, painted until another place is looked at. */
import { showInDocument } from "./highlights.mjs";
import { rangesOf } from "./ranges.mjs";
import { onView } from "./view.mjs";

/** @typedef {import("./chat-conversation.mjs").Citation} Citation */

const canPaint = typeof CSS !== "undefined" && "highlights" in CSS;
const name = "cited";
/** Over every finding: see layerNames in highlights.mjs. */
const onTop = 100;

/** @param {Citation} citation */
export function showCitation(citation) {
  const anchor = { ...citation, stage: "exact" };
  const ranges = rangesOf(anchor);
  if (canPaint) {
    const highlight = new Highlight(...ranges.map((range) => new StaticRange(range)));
    highlight.priority = onTop;
    CSS.highlights.set(name, highlight);
  } else {
    selectWords(ranges);
  }
  showInDocument(/** @type {any} */ ({ anchor, section_id: citation.section_id }));
}

/** @param {Range[]} ranges */
function selectWords(ranges) {
  const first = ranges[0];
  const last = ranges.at(-1);
  if (!first || !last) return;
  getSelection()?.setBaseAndExtent(first.startContainer, first.startOffset, last.endContainer, last.endOffset);
}

onView(({ selected }) => { if (selected && canPaint) CSS.highlights.delete(name); });
