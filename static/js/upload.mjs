/** Drop zone: one file to POST /upload; says what happens, can be cancelled, explains a refusal. */
import { Problem, unreachable } from "./api.mjs";
import { part, setText } from "./dom.mjs";
import { chosenGuidelines, missingGuidelines } from "./guidelines.mjs";
import { problemNotice } from "./notices.mjs";
import { postFile } from "./post-file.mjs";
import { size } from "./words.mjs";

/** @param {HTMLFormElement} form @returns {Record<string, string>} without a choice on the page: none */
function chosenChecklist(form) {
  const choice = form.elements.namedItem("checklist");
  return choice instanceof HTMLSelectElement ? { checklist: choice.value } : {};
}

const nothingStored = "Nothing was stored, and nothing was sent to a model.";

/** @param {File} file @param {number} limitBytes */
const tooLarge = (file, limitBytes) => new Problem({
  code: "document/too-large",
  title: `The file is too large: ${size(file.size)}, the limit is ${size(limitBytes)}`,
  detail: "Most of it is usually pictures.",
  next_step: `${/\.pdf$/i.test(file.name) ? "Export the PDF with smaller pictures (150 ppi)" : "In Word select a picture, choose Compress Pictures, 150 ppi, for all pictures"}. Then drop it here again.`,
});

const oneAtATime = () => new Problem({
  code: "document/missing",
  title: "One document at a time",
  next_step: "Each document becomes a review of its own: drop the first one, then come back for the next.",
});

/** What the zone shows. @param {HTMLElement} form */
function screenOf(form) {
  const bar = /** @type {HTMLProgressElement} */ (part(form, "bar"));
  const step = part(form, "step");
  return {
    busy(/** @type {boolean} */ on) {
      part(form, "progress").hidden = !on;
      part(form, "words").hidden = on;
      part(form, "invite").hidden = on;
    },
    begin(/** @type {File} */ file) {
      part(form, "result").replaceChildren();
      setText(part(form, "name"), file.name);
      setText(part(form, "size"), size(file.size));
    },
    sending(/** @type {number} */ share) {
      bar.value = share;
      setText(step, "Sending the file…");
    },
    reading() {
      bar.removeAttribute("value");
      setText(step, "Reading sections… Usually about a second.");
    },
    waiting: () => setText(step, "Other documents are being read. It is sent again in a moment…"),
    opening: () => setText(step, "Opening the review…"),
    refuse(/** @type {Problem} */ problem, /** @type {string} */ name) {
      part(form, "result").replaceChildren(problemNotice(problem, { heading: "h2", also: `${name}. ${nothingStored}` }));
    },
  };
}

/** A file let go anywhere on the page is taken: beside the frame it would replace the page.
 * @param {HTMLElement} target @param {(files: FileList) => void} take */
function takeDrops(target, take) {
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("dragenter", () => { target.dataset.over = ""; });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) delete target.dataset.over; });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    delete target.dataset.over;
    if (event.dataTransfer?.files.length) take(event.dataTransfer.files);
  });
}

/** @param {HTMLFormElement} form */
export function mount(form) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
  const limitBytes = Number(form.dataset.limitBytes);
  const screen = screenOf(form);
  /** @type {{done: Promise<{session_id: string}>, cancel: () => void}|null} */
  let upload = null;

  async function send(/** @type {File} */ file) {
    screen.begin(file);
    screen.busy(true);
    upload = postFile("/upload", file, screen, { ...chosenGuidelines(form), ...chosenChecklist(form) });
    try {
      const { session_id: id } = await upload.done;
      screen.opening();
      location.assign(`/review/${encodeURIComponent(id)}`);
    } catch (error) {
      screen.busy(false);
      if (error instanceof Problem) screen.refuse(error, file.name);
      input.focus();
    }
    upload = null;
    input.value = "";
  }

  function take(/** @type {FileList} */ files) {
    const missing = !upload && missingGuidelines(form);
    if (upload) screen.refuse(oneAtATime(), files[0].name);
    else if (missing) screen.refuse(missing, files[0].name);
    else if (files.length > 1) screen.refuse(oneAtATime(), `${files.length} files`);
    else if (files[0].size > limitBytes) screen.refuse(tooLarge(files[0], limitBytes), files[0].name);
    else send(files[0]);
  }

  async function tryExample(/** @type {HTMLElement} */ button) {
    const address = button.dataset.example ?? "";
    const name = decodeURIComponent(new URL(address, location.href).pathname.split("/").at(-1) ?? "");
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw unreachable();
      send(new File([await answer.blob()], name));
    } catch {
      screen.refuse(unreachable(), name);
    }
  }

  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-example]"))) {
    button.addEventListener("click", () => { if (!upload) tryExample(button); });
  }
  input.addEventListener("change", () => {
    if (input.files?.length) take(input.files);
    if (!upload) input.value = "";
  });
  part(form, "cancel").addEventListener("click", () => upload?.cancel());
  form.addEventListener("submit", (event) => event.preventDefault());
  takeDrops(/** @type {HTMLElement} */ (form.querySelector(".drop-target")), take);
  // Back from a review: the browser may show the page as it was left, in the middle of an upload.
  addEventListener("pageshow", ({ persisted }) => { if (persisted) screen.busy(false); });
}
