/** Questions to begin with, for what the next one is about. */
import { chosenScope, onScope } from "./chat-scope.mjs";
import { el } from "./dom.mjs";
import { onReview, section, sections } from "./review.mjs";

const ofWhole = ["What was the root cause?", "Which actions have an owner and a date?", "How large was the impact, in figures?", "Who decided, and on what evidence?"];
const ofSection = ["What does this section say, in short?", "Which claims here have no evidence?", "What is missing here?"];
const ofFinding = ["Why does this matter?", "What would put it right?", "Where else does the write-up speak about this?"];
const ofTable = "What do the figures in the table show?";

/** @param {import("./review.mjs").Section[]} list whether a table stands in one of them */
function haveTable(list) {
  const cells = [...document.querySelectorAll("#desk table .block")];
  const follows = (/** @type {Node|null} */ first, /** @type {Node|null} */ then) =>
    Boolean(first && then && (first === then || first.compareDocumentPosition(then) & Node.DOCUMENT_POSITION_FOLLOWING));
  return list.some(({ first_block: first, last_block: last }) => {
    const [from, to] = [document.getElementById(first ?? ""), document.getElementById(last ?? "")];
    return cells.some((cell) => follows(from, cell) && follows(cell, to));
  });
}

function questions() {
  const { section_id: id, finding_id: findingId } = chosenScope();
  if (findingId) return ofFinding;
  const one = id ? section(id) : undefined;
  const asked = one ? ofSection : ofWhole;
  return haveTable(one ? [one] : sections()) ? [...asked.slice(0, 3), ofTable] : asked;
}

/** @param {HTMLElement} list */
export function mount(list) {
  const draw = () => {
    list.replaceChildren(...questions().map((words) => el("li", {}, el("button", { class: "button", type: "button", "data-size": "s" }, words))));
  };
  onScope(draw);
  onReview(({ kind }) => { if (kind === "loaded") draw(); });
}
