/** What a screen reader hears without the focus moving, and the toast that everyone sees. */
import { el } from "./dom.mjs";

const shownForMs = 7000;
/** @type {HTMLElement|null} */
let box = null;
let timer = 0;

/** @param {string} text said politely, after what is being read */
export function say(text) {
  const live = document.getElementById("live");
  if (!live) return;
  // The same words twice in a row are a change only when the region was empty between.
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

/**
 * @param {string} text
 * @param {{label: string, key?: string, act: () => void}} [action]
 */
export function toast(text, action) {
  say(text);
  box?.remove();
  box = el("section", { class: "toast", "aria-label": "Message" }, el("span", {}, text), action && actionButton(action));
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", hideLater);
  document.body.append(box);
  hideLater();
}

/** What was not done, why, and what to do about it. @param {string} what @param {any} problem */
export const toastFailure = (what, problem) => toast(`${what}: ${problem.title}. ${problem.nextStep}`);

function hideToast() {
  box?.remove();
  box = null;
}

/** @param {{label: string, key?: string, act: () => void}} action */
function actionButton({ label, key, act }) {
  const press = () => { hideToast(); act(); };
  const hint = key && el("kbd", { "aria-hidden": true }, key);
  return el("button", { class: "button", type: "button", "data-variant": "quiet", onclick: press }, label, hint);
}

function hideLater() {
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    // Not from under somebody's finger: a toast with the focus in it stays.
    if (box?.contains(document.activeElement)) hideLater();
    else hideToast();
  }, shownForMs);
}
