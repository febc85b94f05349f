/** Narrow windows show one pane at a time; this is the switch at the bottom. */
import { part, setText } from "./dom.mjs";
import { counts, isLoaded } from "./review.mjs";
import { onView } from "./view.mjs";

/** @param {string} name "outline", "document" or "findings" */
export function show(name) {
  const panes = /** @type {HTMLElement} */ (document.querySelector(".panes"));
  panes.dataset.pane = name;
  for (const button of document.querySelectorAll(".pane-switch button")) {
    button.setAttribute("aria-pressed", String(/** @type {HTMLButtonElement} */ (button).value === name));
  }
}

/** @param {HTMLElement} bar */
export function mount(bar) {
  bar.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) show(button.value);
  });
  onView(() => { if (isLoaded()) setText(part(bar, "open-count"), String(counts().open)); });
}
