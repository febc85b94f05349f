/** Chips that narrow the list: one decision, any number of types. */
import { say } from "./announce.mjs";
import { setAttribute, setText } from "./dom.mjs";
import { counts, isLoaded } from "./review.mjs";
import { filter, listed, onView, setDecision, shown, toggleType } from "./view.mjs";

/** @param {HTMLElement} root */
export function mount(root) {
  const chips = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll("[data-filter]")]);
  root.addEventListener("click", (event) => {
    const chip = /** @type {Element} */ (event.target).closest("button");
    if (!chip) return;
    if (chip.dataset.filter === "decision") setDecision(chip.value);
    else toggleType(chip.value);
    say(`${shown().length} shown, ${listed().length - shown().length} hidden.`);
  });
  onView(() => {
    if (!isLoaded()) return;
    const made = counts();
    for (const chip of chips) {
      const on = chip.dataset.filter === "decision" ? filter().decision === chip.value : filter().types.has(chip.value);
      setAttribute(chip, "aria-pressed", String(on));
      const number = chip.querySelector(".number");
      if (number) setText(number, String(made[/** @type {keyof typeof made} */ (chip.value)]));
    }
  });
}
