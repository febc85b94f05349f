/** Three hints for the first review in this browser; gone for good once they are dismissed. */
import { keep, recall } from "./kept.mjs";

const key = "first-hints";

/** @param {HTMLElement} hints */
export function mount(hints) {
  hints.hidden = recall("browser", key) === "seen";
  /** @type {HTMLButtonElement} */ (hints.querySelector("[data-part=seen]")).addEventListener("click", () => {
    keep("browser", key, "seen");
    const within = hints.contains(document.activeElement);
    hints.hidden = true;
    if (within) document.getElementById("desk")?.focus({ preventScroll: true });
  });
}
