/** The outline: state, open findings and what can be done, per section; marks the section that is read. */
import { toastFailure } from "./announce.mjs";
import { unreachable } from "./api.mjs";
import { arrange, el, part, setAttribute, setIcon, setText } from "./dom.mjs";
import { areOthers, outlineRow } from "./outline-row.mjs";
import { show as showPane } from "./panes.mjs";
import { canDecide, finding, findings, followed, hasWhole, isLoaded, onReview, sections } from "./review.mjs";
import { showAt } from "./scrolling.mjs";
import { cancelSection, isAsked, progressOf, reasonOf, refusalOf, reviewSection, sharedReason } from "./tasks.mjs";
import { currentId, onView } from "./view.mjs";
import { waitWords } from "./waiting.mjs";
import { counted, isActive, referenceWords, stateWords } from "./words.mjs";

/** @typedef {import("./review.mjs").Section} Section */

/** @type {Record<string, string>} */
const actions = { not_started: "Review", failed: "Run again", cancelled: "Run again" };

/** @param {Section} section @returns {string} */
function stateText(section) {
  const { status } = section;
  const wait = isActive(status) && waitWords(progressOf(section), "section");
  return wait ? `${stateWords[status]}: ${wait}` : stateWords[status];
}

/** @type {typeof import("./failed-alike.mjs")|undefined} */
let notice;
let shared = "";
/** Unless it is said once for several. @param {Section} section */
const ownReason = (section) => (reasonOf(section) === shared ? "" : reasonOf(section));

/** What the line under the name consists of, to draw it only when it changed. @param {Section} section */
const drawnFrom = (section) =>
  [section.task_id, stateText(section), isAsked(section.id), section.set_aside, refusalOf(section.id)?.title, ownReason(section), canDecide()].join("|");

/** Nothing to say but what its mark says: then only what can be done waits at the row's end. @param {Section} section */
const isUntouched = ({ id, status, set_aside: aside }) => status === "not_started" && aside === 0 && !isAsked(id) && !refusalOf(id);

/** @param {Section} section */
function aboutLine(section) {
  const { id, status, name } = section;
  const refusal = refusalOf(id);
  const moving = isActive(status);
  const action = canDecide() && (moving ? "Cancel" : actions[status]);
  const press = action && el("button", {
    class: "link-button", type: "button", "aria-disabled": isAsked(id) && "true",
    "aria-label": `${action}: ${name}`, onclick: () => (moving ? cancelSection(section) : reviewSection(id)),
  }, action);
  return [
    !isUntouched(section) && el("span", { "aria-hidden": "true" }, stateText(section)),
    press || "",
    section.set_aside > 0 && el("span", {}, `${counted(section.set_aside, "finding")} set aside`),
    ownReason(section) && el("span", { class: "reason" }, ownReason(section), referenceWords(section.error)),
    refusal && el("span", { class: "reason", role: "alert" }, `${refusal.title}. ${refusal.nextStep}`),
  ].filter((node) => node !== "" && node !== false && node !== undefined);
}

/** @param {HTMLElement} item @param {Section} section @param {number} open */
function draw(item, section, open) {
  const state = part(item, "state");
  setAttribute(state, "data-state", section.status);
  setIcon(/** @type {Element} */ (state.firstElementChild), `state-${section.status}`);
  setText(part(item, "word"), stateText(section));
  drawCount(part(item, "open"), open);
  drawAbout(item, section);
}

/** @param {HTMLElement} place @param {number} open */
function drawCount(place, open) {
  const label = open > 0 ? counted(open, "open finding") : "";
  if (place.title === label) return;
  place.title = label;
  const words = el("span", { class: "visually-hidden" }, label.slice(String(open).length));
  place.replaceChildren(...(open > 0 ? [String(open), words] : []));
}

/** @param {HTMLElement} item @param {Section} section */
function drawAbout(item, section) {
  const about = part(item, "about");
  about.hidden = isUntouched(section) ? !canDecide() : section.status === "completed" && !refusalOf(section.id);
  const drawn = drawnFrom(section);
  if (about.dataset.drawn === drawn) return;
  const hadFocus = about.contains(document.activeElement);
  about.dataset.drawn = drawn;
  about.toggleAttribute("data-untouched", isUntouched(section));
  about.replaceChildren(.../** @type {(Node|string)[]} */ (aboutLine(section)));
  // The button that was pressed is gone: the focus stays with its section.
  if (hadFocus) (about.querySelector("button") ?? item.querySelector("a"))?.focus();
}

/** @param {HTMLElement} list */
export function mount(list) {
  /** @type {Map<string, HTMLElement>} */
  const items = new Map();
  const index = () => {
    items.clear();
    for (const row of list.children) if (row instanceof HTMLElement) items.set(row.dataset.section ?? "", row);
  };
  index();
  const whole = items.get("document");

  const mark = (/** @type {string|undefined} */ id) => {
    for (const [own, row] of items) {
      setAttribute(/** @type {Element} */ (row.querySelector("a")), "aria-current", own === id ? "true" : null);
    }
  };
  const drawAll = () => {
    if (areOthers(sections())) {
      arrange(list, [...sections().map(outlineRow), ...(whole ? [whole] : [])]);
      index();
    }
    // Until the notice can say it, every row does.
    if (!notice && sharedReason()) import("./failed-alike.mjs").then((loaded) => { notice = loaded; drawAll(); }, () => {});
    notice?.draw(list);
    shared = notice ? sharedReason() : "";
    if (whole) whole.hidden = !isLoaded() || !hasWhole();
    const open = new Map();
    for (const { section_id: id, decision } of findings()) if (decision === "open") open.set(id, (open.get(id) ?? 0) + 1);
    for (const section of followed()) {
      const item = items.get(section.id);
      if (item) draw(item, section, open.get(section.id) ?? 0);
    }
  };

  list.addEventListener("click", ({ target }) => {
    const opener = /** @type {HTMLElement|null} */ (/** @type {Element} */ (target).closest("[data-edits]"));
    if (opener) import("./outline-editor.mjs").then(({ edit }) => edit(opener.dataset.edits ?? ""), () => toastFailure("Not opened", unreachable()));
  });
  list.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a");
    const heading = link && document.getElementById(link.hash.slice(1));
    if (!heading) return;
    event.preventDefault();
    mark(link.closest("li")?.dataset.section);
    showPane("document");
    showAt(heading);
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  });
  onReview(drawAll);
  onView(({ selected }) => { if (selected) mark(finding(currentId())?.section_id); });
}
