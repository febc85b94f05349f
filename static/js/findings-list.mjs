/** The list of cards by section. Nothing moves under the reader; what is hidden is always counted. */
import { say } from "./announce.mjs";
import { faultOf } from "./decisions.mjs";
import { arrange, el, focusOn, part, setText } from "./dom.mjs";
import { draftOf, editDraft } from "./drafts.mjs";
import { cardId, findingCard, giveFocusBack } from "./finding-card.mjs";
import { focusForm } from "./finding-form.mjs";
import { bySection, choice, narrowed } from "./narrowing.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { counts, isLoaded, refresh, section, sections } from "./review.mjs";
import { keepHead, reveal, steady } from "./scrolling.mjs";
import { sourceWords } from "./sources.mjs";
import { currentId, foldedCount, isAsking, isEditing, isSpread, listed, onView, placesOf, select, showAll, shown, takeNew, unseen } from "./view.mjs";
import { counted, isActive } from "./words.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

const atFirst = 4;
const everything = "everything";
const headHeight = 34;
/** Sections whose fold was opened. @type {Set<string>} */
const unfolded = new Set();
/** @type {Map<string, {drawn: string, card: HTMLElement}>} */
let cards = new Map();
/** @type {Map<string, {root: HTMLElement, title: HTMLElement, tail: HTMLElement, list: HTMLElement, rest: HTMLElement}>} */
const groups = new Map();

/** The card as it was drawn, unless something in it is different now. @param {Finding} finding */
function cardOf(finding) {
  const current = finding.id === currentId();
  const [asking, editing] = [current && isAsking(), current && isEditing()];
  // What is being typed must survive whatever comes in meanwhile.
  const drawn = JSON.stringify(editing ? [finding.id, editing]
    : [finding, current, asking, faultOf(finding.id), hasDraft(finding.id), sourceWords(finding), placesOf(finding).length, isSpread(finding)]);
  const known = cards.get(finding.id);
  return known?.drawn === drawn ? known : { drawn, card: findingCard(finding, { current, asking, editing }) };
}

const currentCard = () => document.getElementById(cardId(currentId() ?? ""));
/** @param {string} id */
const hasDraft = (id) => draftOf(editDraft(id)) !== undefined;

/** @param {string} id of a section */
function groupOf(id) {
  const known = groups.get(id);
  if (known) return known;
  const title = el("h3");
  const tail = el("span", { class: "tail" });
  const list = el("ol", { class: "cards", role: "list" });
  const rest = el("div", { class: "more-here" });
  const root = el("section", {}, el("div", { class: "group-head" }, title, tail), list, rest);
  const made = { root, title, tail, list, rest };
  groups.set(id, made);
  return made;
}

/** @param {string} id @param {Finding[]} list @param {() => void} redraw @returns {HTMLElement} */
function drawGroup(id, list, redraw) {
  const own = section(id);
  const name = own ? `${own.label} ${own.name}`.trim() : id === everything ? "Whole review, strongest first" : "Whole document";
  const group = groupOf(id);
  const open = list.filter(({ decision }) => decision === "open").length;
  const early = list.some(({ provisional }) => provisional);
  const hasCurrent = list.findIndex((one) => one.id === currentId()) >= atFirst;
  const whole = unfolded.has(id) || hasCurrent || id === everything;
  const drawn = whole ? list : list.slice(0, atFirst);
  const folded = list.length - drawn.length;
  group.root.setAttribute("aria-label", name);
  setText(group.title, name);
  setText(group.tail, `${open} open${early ? ", rules only so far" : ""}`);
  arrange(group.list, drawn.map((finding) => /** @type {any} */ (cards.get(finding.id)).card));
  group.rest.hidden = folded === 0;
  if (folded > 0) group.rest.replaceChildren(linkButton(`${folded} more in this section`, () => { unfolded.add(id); redraw(); }));
  return group.root;
}

/** @param {HTMLElement} pane @param {() => void} redraw */
function drawCards(pane, redraw) {
  const list = shown();
  cards = new Map(list.map((finding) => [finding.id, cardOf(finding)]));
  /** @type {Map<string, Finding[]>} */
  const sorted = new Map();
  const cut = bySection();
  for (const finding of list) {
    const key = cut ? finding.section_id : everything;
    sorted.set(key, [...(sorted.get(key) ?? []), finding]);
  }
  arrange(part(pane, "groups"), [...sorted].map(([id, inSection]) => drawGroup(id, inSection, redraw)));
}

/** @param {HTMLElement} pane */
function drawCounts(pane) {
  const [all, fresh, visible, folded] = [listed().length, unseen().length, shown().length, foldedCount()];
  const hidden = all - visible - folded;
  setText(part(pane, "shown"), `${visible} shown, ${folded > 0 ? `${folded} folded into them, ` : ""}${hidden} hidden`);
  part(pane, "show-all").hidden = hidden === 0;
  const pill = part(pane, "take-new");
  const words = fresh > 0 ? counted(fresh, "new finding") : "";
  if (words !== "" && part(pane, "new-words").textContent !== words) say(`${words}.`);
  setText(part(pane, "new-words"), words);
  pill.hidden = fresh === 0;
  const open = part(pane, "open-total");
  open.hidden = false;
  setText(open, String(counts().open));
  open.title = `${counts().open} open`;
}

/** @returns {[string, string]} title and words of an empty list */
function emptyWords() {
  const { all, open, accepted } = counts();
  const moving = sections().some(({ status }) => isActive(status));
  const done = sections().every(({ status }) => status === "completed");
  if (all === 0 && done) return ["Nothing to object to", `No finding in ${counted(sections().length, "section")}.`];
  if (all === 0 && moving) return ["No findings yet", "They appear here as sections end."];
  if (all === 0) return ["No findings yet", "The rules found nothing at first sight. Review the sections to have them read."];
  if (choice("decision") === "open" && !narrowed() && open === 0) {
    return [`All ${counted(all, "finding")} decided`, `${accepted} accepted. The accepted ones are in the download.`];
  }
  return ["No finding fits these filters", "None was dropped. “Show all” above shows the whole list."];
}

/** @param {HTMLElement} pane */
function drawEmpty(pane) {
  const empty = part(pane, "none");
  empty.hidden = shown().length > 0;
  if (empty.hidden) return;
  const [title, words] = emptyWords();
  setText(part(pane, "none-title"), title);
  setText(part(pane, "none-words"), words);
  part(pane, "none-next").hidden = counts().open > 0 || narrowed() || sections().some(({ status }) => status !== "completed");
}

/** The card whose place on the screen must not change: the current one, else the first in view.
 * @param {HTMLElement} scroll @returns {Element|null} */
function anchorOf(scroll) {
  const frame = scroll.getBoundingClientRect();
  const inView = (/** @type {Element|null} */ node) => {
    const box = node?.getBoundingClientRect();
    return box !== undefined && box.bottom > frame.top + headHeight && box.top < frame.bottom;
  };
  const current = currentCard();
  if (inView(current)) return current;
  return [...scroll.querySelectorAll(".finding")].find(inView) ?? null;
}

/** @param {HTMLElement} pane */
export function mount(pane) {
  const scroll = part(pane, "scroll");
  keepHead(scroll, currentCard, headHeight);
  const draw = () => {
    if (!isLoaded()) return;
    part(pane, "loading").hidden = true;
    const focused = document.activeElement;
    drawCards(pane, draw);
    drawCounts(pane);
    drawEmpty(pane);
    if (focused && !focused.isConnected) giveFocusBack(focused);
  };

  const follow = (/** @type {string} */ from) => {
    const card = currentCard();
    if (!card) return;
    reveal(card, { head: headHeight });
    if (from === "start" || from === "restored") return;
    if (from === "editing") { focusForm(card); return; }
    const box = from === "asking" ? card.querySelector("[data-reasons]") : card;
    focusOn(/** @type {HTMLElement} */ (box ?? card));
    if (from === "asking") box?.scrollIntoView({ block: "nearest" });
  };

  onView(({ selected, from = "" }) => {
    const id = from === "decision" ? "" : anchorOf(scroll)?.id ?? "";
    steady(scroll, () => document.getElementById(id), draw);
    if (selected || ["asking", "editing", "keys"].includes(from)) follow(from);
  });

  pane.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const id = target.closest(".finding")?.getAttribute("data-finding");
    const pressed = target.closest("button, summary, input, select, textarea");
    // What is pressed inside a card says itself where to go on.
    if (!id || (pressed && !pressed.matches(".finding-open"))) return;
    if (id !== currentId() || pressed) select(id === currentId() ? null : id, "card");
  });
  part(pane, "show-all").addEventListener("click", showAll);
  part(pane, "take-new").addEventListener("click", () => { takeNew(); scroll.focus({ preventScroll: true }); });
  return load(pane);
}

/** @param {HTMLElement} pane */
async function load(pane) {
  const place = part(pane, "load-problem");
  place.replaceChildren();
  try {
    await refresh();
  } catch (error) {
    part(pane, "loading").hidden = true;
    place.replaceChildren(problemNotice(/** @type {any} */ (error), { actions: [linkButton("Try again", () => load(pane))] }));
  }
}
