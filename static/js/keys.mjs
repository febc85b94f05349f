/** Single keys of the review; off while typing, while a dialog is open, or when switched off in the help. */
import { decide, undo } from "./decisions.mjs";
import { open as openDialog } from "./dialogs.mjs";
import { keep, recall } from "./kept.mjs";
import { begin } from "./own-findings.mjs";
import { canDecide, finding, isLoaded } from "./review.mjs";
import { ask, currentId, edit, step } from "./view.mjs";

const setting = "single-keys";
const switchedOn = () => recall("browser", setting) !== "off";

/** @param {(id: string) => void} act on the current finding, when it is open */
const onOpen = (act) => () => {
  const current = finding(currentId());
  if (current?.decision === "open" && canDecide()) act(current.id);
};

/** @type {Record<string, {act: () => void, repeats?: boolean}>} repeats: may be held down */
const bindings = {
  j: { act: () => step(1), repeats: true },
  k: { act: () => step(-1), repeats: true },
  a: { act: onOpen((id) => decide(id, "accepted")) },
  r: { act: onOpen(() => ask(true)) },
  e: { act: () => { if (canDecide() && finding(currentId())) edit(true); } },
  n: { act: () => begin() },
  u: { act: () => { if (canDecide()) undo(); } },
  "?": { act: () => openDialog("help") },
};

const typing = "input, textarea, select, [contenteditable]";

/** @param {KeyboardEvent} event */
function pressed(event) {
  const binding = bindings[event.key];
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  const inField = /** @type {Element} */ (event.target).closest(typing) !== null;
  const inDialog = document.querySelector("dialog[open]") !== null;
  // Nobody decides on a finding that is not shown: not while the chat is.
  const outOfSight = event.key !== "?" && document.querySelector("#panel-findings[hidden]") !== null;
  if (!binding || modified || inField || inDialog || outOfSight || !switchedOn() || !isLoaded()) return;
  event.preventDefault();
  if (!event.repeat || binding.repeats) binding.act();
}

/** @param {HTMLElement} pane */
export function mount(pane) {
  const box = /** @type {HTMLInputElement} */ (document.getElementById("single-keys"));
  const show = () => { pane.dataset.keys = switchedOn() ? "on" : "off"; };
  box.checked = switchedOn();
  box.addEventListener("change", () => {
    keep("browser", setting, box.checked ? "on" : "off");
    show();
  });
  document.addEventListener("keydown", pressed);
  show();
}
