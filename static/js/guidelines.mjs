/** The guidelines of the next review: from last time, a file, or none. They go with the form of the upload. */
import { say } from "./announce.mjs";
import { Problem, send } from "./api.mjs";
import { part, setText } from "./dom.mjs";
import { ago, size } from "./words.mjs";

/** @param {HTMLFormElement} form @returns {HTMLInputElement} */
const fileInput = (form) => /** @type {HTMLInputElement} */ (form.elements.namedItem("guidelines"));

/** @param {HTMLFormElement} form */
const wanted = (form) => /** @type {RadioNodeList} */ (form.elements.namedItem("guidelines_preference")).value;

/** What keeps the form from being sent, or null. @param {HTMLFormElement} form @returns {Problem|null} */
export function missingGuidelines(form) {
  if (wanted(form) !== "new_only" || fileInput(form).files?.length) return null;
  return new Problem({
    code: "guidelines/missing",
    title: "The file with the guidelines is missing",
    next_step: "Choose the guidelines first, or choose None. Then drop the document again.",
  });
}

/** The fields to send with the document. @param {HTMLFormElement} form @returns {Record<string, string|File>} */
export function chosenGuidelines(form) {
  const choice = wanted(form);
  const file = fileInput(form).files?.[0];
  if (choice !== "new_only" || !file) return { guidelines_preference: choice };
  const both = form.querySelector("#guidelines-both");
  const together = both instanceof HTMLInputElement && both.checked;
  return { guidelines_preference: together ? "both" : choice, guidelines: file };
}

/** @param {HTMLElement} field */
export function mount(field) {
  const form = /** @type {HTMLFormElement} */ (field.closest("form"));
  const file = fileInput(form);
  const limitBytes = Number(field.dataset.limitBytes);
  const notice = part(field, "guidelines-notice");

  function show() {
    part(field, "add").hidden = wanted(form) !== "new_only";
    setText(part(field, "file-name"), file.files?.[0]?.name ?? "no file yet");
  }

  function checkSize() {
    const chosen = file.files?.[0];
    const tooLarge = Boolean(chosen && chosen.size > limitBytes);
    if (tooLarge) file.value = "";
    setText(notice, tooLarge && chosen ? `${chosen.name} has ${size(chosen.size)}, the limit is ${size(limitBytes)}.` : "");
  }

  async function forget() {
    try {
      await send("DELETE", "/me/guidelines");
    } catch (error) {
      if (error instanceof Problem) setText(notice, `${error.title}. ${error.nextStep}`);
      return;
    }
    const none = /** @type {HTMLInputElement} */ (field.querySelector("[value=none]"));
    if (wanted(form) === "old_only") none.checked = true;
    part(field, "kept").remove();
    field.querySelector("[data-part=together]")?.remove();
    none.focus();
    say("The guidelines from last time were removed.");
    show();
  }

  field.addEventListener("change", (event) => {
    if (event.target === file) checkSize();
    show();
  });
  // Dropped here it is meant as guidelines; anywhere else on the page it is the document.
  field.addEventListener("drop", (event) => {
    if (event.dataTransfer?.files.length !== 1) return;
    event.preventDefault();
    event.stopPropagation();
    form.querySelector("[data-over]")?.removeAttribute("data-over");
    file.files = event.dataTransfer.files;
    /** @type {HTMLInputElement} */ (field.querySelector("[value=new_only]")).checked = true;
    checkSize();
    show();
  });
  field.querySelector("[data-part=forget]")?.addEventListener("click", forget);
  const kept = field.querySelector("time");
  if (kept) setText(kept, ago(new Date(kept.dateTime)));
  // A page that comes back from the browser's memory still has what was chosen on it.
  addEventListener("pageshow", show);
  show();
}
