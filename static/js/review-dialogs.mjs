/** Renaming and deleting a review; a failure stays in the dialog, with what was typed. */
import { json, Problem } from "./api.mjs";
import { toast } from "./announce.mjs";
import { open } from "./dialogs.mjs";
import { part } from "./dom.mjs";
import { problemNotice } from "./notices.mjs";

/** @typedef {import("./reviews-list.mjs").Summary} Summary */
/** @param {Summary} review */
const address = ({ session_id: id }) => `/sessions/${encodeURIComponent(id)}`;

/**
 * Runs `act` when the dialog's form is sent; closes it when that worked.
 * @param {HTMLDialogElement} dialog @param {() => Promise<void>} act
 */
function onSubmit(dialog, act) {
  const form = /** @type {HTMLFormElement} */ (part(dialog, "form"));
  const notice = part(dialog, "notice");
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
  notice.replaceChildren();
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await act();
      dialog.close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      notice.replaceChildren(problemNotice(error));
    } finally {
      button.disabled = false;
    }
  };
}

/** @param {Summary} review @param {() => Promise<unknown>} done */
export function askName(review, done) {
  const dialog = open("rename");
  const input = /** @type {HTMLInputElement} */ (dialog.querySelector("input"));
  input.value = review.document_name;
  input.select();
  onSubmit(dialog, async () => {
    await json("PATCH", address(review), { body: { document_name: input.value.trim() } });
    await done();
    toast(`Renamed to ${input.value.trim()}.`);
  });
}

/** @param {Summary} review @param {() => Promise<unknown>} done */
export function askDelete(review, done) {
  const dialog = open("delete");
  part(dialog, "what").textContent = review.document_name;
  onSubmit(dialog, async () => {
    await json("DELETE", address(review));
    await done();
    toast(`Deleted: ${review.document_name}.`);
    // The row with the button that opened the dialog is gone.
    document.getElementById("mine")?.focus();
  });
}
