/** Button that goes through system, light, dark, and remembers the choice. */
import { keep, recall } from "./kept.mjs";

const order = ["system", "light", "dark"];

function chosen() {
  const kept = recall("browser", "colours") ?? "system";
  return order.includes(kept) ? kept : "system";
}

/** @param {string} theme @param {HTMLElement} button */
function apply(theme, button) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  button.setAttribute("aria-label", `Colours: ${theme}`);
  button.title = `Colours: ${theme}`;
}

/** @param {HTMLElement} button */
export function mount(button) {
  apply(chosen(), button);
  button.addEventListener("click", () => {
    const next = order[(order.indexOf(chosen()) + 1) % order.length];
    keep("browser", "colours", next);
    apply(next, button);
  });
}
