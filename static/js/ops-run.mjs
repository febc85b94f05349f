/** Stops a run: what was done stays done. */
import { json } from "./api.mjs";
import { part } from "./dom.mjs";
import { send } from "./ops-deeds.mjs";
import { lookNow } from "./ops-live.mjs";

/** @param {HTMLElement} root */
export function mount(root) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("stop"));
  const form = /** @type {HTMLFormElement} */ (part(dialog, "form"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(dialog, /** @type {HTMLButtonElement} */ (part(dialog, "confirm")), async () => {
      const body = Object.fromEntries(new FormData(form));
      await json("POST", `/ops/api/letter-runs/${root.dataset.run}/stop`, { body });
      dialog.close();
      await lookNow();
    });
  });
}
