/** One finding as a card: closed it is three lines, current it is complete. */
import { actions, draftLine, editForm, faultNotice } from "./card-actions.mjs";
import { askAbout } from "./chat-scope.mjs";
import { faultOf } from "./decisions.mjs";
import { el, focusOn, icon } from "./dom.mjs";
import { showInDocument } from "./highlights.mjs";
import { linkButton } from "./notices.mjs";
import { thread } from "./replies.mjs";
import { userId, who } from "./people.mjs";
import { canDecide, pointName, section } from "./review.mjs";
import { reasoning } from "./reasoning.mjs";
import { sourceWords } from "./sources.mjs";
import { isSpread, placesOf, select, toggleSpread } from "./view.mjs";
import { markOfFinding } from "./version-notice.mjs";
import { ago, fullTime, riskWords, shortened, typeWords } from "./words.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

/** @param {Finding} finding */
function head(finding) {
  const { type, risk_level: risk } = finding;
  return el("div", { class: "finding-head" },
    el("span", { class: "label", "data-type": type }, icon(`type-${type}`), typeWords[type]),
    el("span", { class: "label", "data-risk": risk }, icon(`risk-${risk}`), `${riskWords[risk]} risk`),
    markOfFinding(finding.id) !== "" && el("span", { class: "label", "data-version": true }, markOfFinding(finding.id)),
    finding.own && el("span", { class: "label", "data-mine": true }, icon("person"), "Own"),
    finding.replies.length > 0 && el("span", { class: "label" }, icon("comment"), el("span", { class: "visually-hidden" }, "Replies: "), String(finding.replies.length)),
    el("span", { class: "source", title: sourceWords(finding) }, sourceWords(finding)));
}

/** Where else it is said; each place can be gone to. @param {Finding} finding */
function places(finding) {
  const all = placesOf(finding);
  if (all.length < 2) return false;
  const rows = all.map((one) => el("li", {}, linkButton(`${section(one.section_id)?.name ?? "Whole document"}: “${shortened(one.quote || one.category, 50)}”`, () => select(one.id, "keys"))));
  const words = isSpread(finding) ? "Show as one" : "Show one by one";
  return el("div", { class: "advice" }, el("h5", {}, `In ${all.length} places`), el("ul", {}, ...rows), linkButton(words, () => toggleSpread(finding)));
}

/** @param {Finding} finding */
function wording({ original, replacement, note }) {
  const rows = Object.entries(original).map(([name, text]) => el("li", {}, el("b", {}, fieldNames[name] ?? name), `: ${text || "nothing"}`));
  return [
    replacement !== "" && advice("Rewrite", replacement),
    note !== "" && advice("Note", note),
    rows.length > 0 && el("details", { class: "provenance" }, el("summary", {}, "Edited. Show the original"), el("ul", {}, ...rows)),
  ];
}
/** @type {Record<string, string>} */
const fieldNames = { type: "Type", risk_level: "Risk", category: "Title", description: "What is wrong", suggestion: "What to do" };

/** @param {Finding} finding */
function quote(finding) {
  const show = (/** @type {string} */ words) => el("span", { class: "tail" }, icon("target"), words);
  const press = { class: "quote", type: "button", onclick: () => showInDocument(finding) };
  if (finding.anchor) {
    const fuzzy = finding.anchor.stage === "fuzzy";
    const approximate = fuzzy && el("span", { class: "approximate" }, "The words differ a little in the document.");
    return el("button", press, el("span", {}, `\u201c${finding.quote}\u201d`, approximate), show("Show"));
  }
  if (!section(finding.section_id)) {
    return el("p", { class: "quote", "data-unanchored": true }, "About the whole document, not tied to exact words.");
  }
  const invented = finding.grounded === false && finding.quote !== "";
  const words = `${invented ? `Quoted as “${finding.quote}”, which is not in the write-up.` : "Not tied to exact words."} In the download it stands at the head of its section.`;
  return el("button", { ...press, "data-unanchored": true }, el("span", {}, words), show("Show section"));
}

/** @param {string} name @param {string} text */
const advice = (name, text) => text !== "" && el("div", { class: "advice" }, el("h5", {}, name), el("p", {}, text));

/** @param {string[]} questions */
function questionList(questions) {
  if (questions.length < 2) return advice("Question", questions[0] ?? "");
  const items = questions.map((question) => el("li", {}, question));
  return el("div", { class: "advice" }, el("h5", {}, "Questions"), el("ul", {}, ...items));
}

/** @param {Finding} finding */
function points({ hawkeye_refs: refs }) {
  if (refs.length === 0) return false;
  const tags = refs.map((ref) => el("li", { class: "tag" }, el("b", {}, String(ref)), pointName(ref)));
  return el("ul", { class: "tags", role: "list", "aria-label": "Checklist points" }, ...tags);
}

/** @param {Finding} finding */
function provenance(finding) {
  if (finding.own) return false;
  const sure = `confidence ${Math.round(finding.confidence * 100)} %`;
  const early = finding.provisional ? " Found by the rules before the section was reviewed." : "";
  const by = section(finding.section_id)?.answered_by;
  const again = by?.cached && !finding.provisional ? ` An earlier answer about the same text, of ${day(by.cached_at)}.` : "";
  const words = `Source: ${sourceWords(finding)}, ${sure}.${early}${again}`;
  const ofModel = finding.sources.some((source) => source !== "rules");
  return (ofModel && reasoning(finding.section_id, words)) || el("p", { class: "provenance" }, words);
}

/** @param {Finding} finding */
function decisionLine({ decision, decided_by: by, decided_at: at, reason, found }) {
  if (decision === "open") return false;
  const verb = decision === "accepted" ? "Accepted" : "Rejected";
  const when = at && el("time", { datetime: at, title: fullTime.format(new Date(at)) }, ago(new Date(at)).toLowerCase());
  return el("p", { class: "decision" }, icon(decision === "accepted" ? "check" : "cross"),
    el("span", {}, `${verb} by ${who(by || userId, "you")}, `, when || ""),
    reason !== "" && el("span", {}, `· ${reason}`),
    found === false && el("span", {}, "· Not found again when the section was run anew; the decision stays."));
}

/** @param {Finding} finding @param {boolean} asking */
function more(finding, asking) {
  return el("div", { class: "finding-more" },
    quote(finding),
    advice("What to do", finding.suggestion),
    advice("Example", finding.example),
    questionList(finding.questions),
    ...wording(finding),
    places(finding),
    points(finding),
    provenance(finding),
    actions(finding, asking),
    el("div", { class: "card-foot" }, thread(finding), canDecide() && linkButton("Ask about this", () => askAbout({ finding_id: finding.id }))));
}

/** @param {string} at */
const day = (at) => fullTime.format(new Date(at));

/** @param {string} id @returns {string} */
export const cardId = (id) => `card-${id}`;

/** @param {Finding} finding @param {{current: boolean, asking: boolean, editing: boolean}} how */
export function findingCard(finding, { current, asking, editing }) {
  const { id, decision, category, description } = finding;
  const fault = faultOf(id);
  const folded = !current && !isSpread(finding) ? placesOf(finding).length : 1;
  const about = { "data-finding": id, "data-decision": decision, "aria-current": current && "true" };
  const title = { class: "finding-open", type: "button", "aria-expanded": String(current) };
  return el("li", { class: "finding", id: cardId(id), tabindex: -1, ...about },
    head(finding),
    el("h4", { class: "finding-title" }, el("button", title, category, folded > 1 && el("span", { class: "places" }, ` in ${folded} places`))),
    editing ? editForm(finding) : el("p", { class: "finding-text", "data-quote": finding.quote || null, "data-advice": finding.suggestion || null }, description),
    !editing && draftLine(finding),
    !editing && decisionLine(finding),
    fault && faultNotice(finding, fault),
    current && !editing && more(finding, asking));
}

/** The card with the focus was drawn anew: the new one has it now, or in it what was being typed or asked.
 * @param {Element} focused */
export function giveFocusBack(focused) {
  const card = document.getElementById(cardId(focused.closest(".finding")?.getAttribute("data-finding") ?? ""));
  const name = focused.getAttribute("data-draft");
  const box = /** @type {HTMLTextAreaElement|null|undefined} */ (name && card?.querySelector(`[data-draft="${name}"]`));
  const asked = focused.closest("[data-reasons]") ? [...card?.querySelectorAll("[data-reasons], [data-reasons] button") ?? []] : [];
  const reason = /** @type {HTMLElement|undefined} */ (asked.find(({ textContent }) => textContent === focused.textContent));
  const next = box || reason || card;
  if (next) focusOn(next);
  const { selectionStart: from, selectionEnd: to } = /** @type {HTMLTextAreaElement} */ (focused);
  if (box) box.setSelectionRange(from, to);
}
