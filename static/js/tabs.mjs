/** What the right pane shows: findings or the chat. Arrow keys move between the tabs; a reload keeps the tab. */
import { focusOn } from "./dom.mjs";
import { keep, recall } from "./kept.mjs";
import { sessionId } from "./review.mjs";
import { onView } from "./view.mjs";

const key = `tab:${sessionId}`;
const bus = new EventTarget();
const tabs = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.tabs [role="tab"]')]);
const nameOf = (/** @type {HTMLElement} */ tab) => tab.dataset.tab ?? "";

/** @param {string} name whose tab is chosen @param {() => void} act now, if it is, and each time it becomes so */
export function onTab(name, act) {
  bus.addEventListener(name, act);
  if (document.querySelector(`.tabs [data-tab="${name}"][aria-selected="true"]`)) act();
}

/** @param {string} name "findings" or "chat" */
export function showTab(name) {
  for (const tab of tabs()) {
    const chosen = nameOf(tab) === name;
    const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    if (panel) panel.hidden = !chosen;
  }
  keep("tab", key, name);
  bus.dispatchEvent(new Event(name));
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const list = tabs();
  const at = list.indexOf(/** @type {HTMLElement} */ (event.target));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + list.length, Home: 0, End: list.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  const next = list[to % list.length];
  showTab(nameOf(next));
  focusOn(next);
}

/** @param {HTMLElement} list */
export function mount(list) {
  list.addEventListener("click", (event) => {
    const tab = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest('[role="tab"]'));
    if (tab) showTab(nameOf(tab));
  });
  list.addEventListener("keydown", pressed);
  const kept = recall("tab", key);
  if (kept && tabs().some((tab) => nameOf(tab) === kept)) showTab(kept);
  // Somebody who clicks on a finding's words wants to read that finding.
  onView(({ selected, from }) => { if (selected && from === "document") showTab("findings"); });
}
