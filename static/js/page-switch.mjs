/** A PDF as text or as its pages; what shows pages is loaded when somebody asks for them. */
import { toastFailure } from "./announce.mjs";
import { unreachable } from "./api.mjs";
import { keep, recall } from "./kept.mjs";
import { sessionId } from "./review.mjs";

const key = `pages:${sessionId}`;

/** @param {HTMLElement} group */
export function mount(group) {
  /** @type {typeof import("./page-view.mjs")|undefined} */
  let view;
  /** @param {string} name "text" or "pages" */
  async function show(name) {
    try {
      view ??= await import("./page-view.mjs");
    } catch {
      toastFailure("The pages cannot be shown", unreachable());
      return;
    }
    keep("tab", key, name);
    for (const button of group.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === name));
    view.showPages(name === "pages");
  }
  group.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) show(button.value);
  });
  // The outline, a citation or a finding without a box leads to a place in the text.
  document.getElementById("desk")?.addEventListener("wanted", () => show("text"));
  if (recall("tab", key) === "pages") show("pages");
}
