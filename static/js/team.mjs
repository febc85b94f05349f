/** The team's guidance: lines edited, switched and taken over from proposals, rules switched; saved all at once. */
import { say } from "./announce.mjs";
import { json, Problem } from "./api.mjs";
import { el, part, setText } from "./dom.mjs";

/** @param {{id?: string, text: string, about?: string}} item @returns {HTMLElement} */
function line({ id = "", text, about = "" }) {
  const words = el("textarea", { class: "input", rows: 2, maxlength: 400, "aria-label": "Guidance" });
  words.textContent = text;
  return el("li", { class: "team-line", "data-id": id, "data-about": about },
    el("input", { type: "checkbox", "aria-label": "On", checked: true }),
    words,
    el("button", { class: "button", "data-variant": "quiet", type: "button", "data-part": "remove" }, "Remove"));
}

/** @param {Element} row */
function itemOf(row) {
  const { id = "", about = "" } = /** @type {HTMLElement} */ (row).dataset;
  const on = /** @type {HTMLInputElement} */ (row.querySelector("input")).checked;
  return { id, about, on, text: /** @type {HTMLTextAreaElement} */ (row.querySelector("textarea")).value };
}

/** @param {HTMLElement} section */
export function mount(section) {
  const form = /** @type {HTMLFormElement} */ (part(section, "form"));
  const lines = part(section, "lines");
  const notice = part(section, "notice");
  const state = part(section, "state");

  function add(/** @type {{text: string, about?: string}} */ item) {
    const row = line(item);
    lines.append(row);
    /** @type {HTMLElement} */ (row.querySelector("textarea")).focus();
    unsaved();
  }
  const unsaved = () => setText(state, "Not saved yet");

  async function save() {
    setText(notice, "");
    const rules = [...form.querySelectorAll("input[name=rule]")].map((box) => /** @type {HTMLInputElement} */ (box));
    const body = {
      rev: Number(section.dataset.rev),
      items: [...lines.children].map(itemOf).filter(({ text }) => text.trim()),
      rules_off: rules.filter((box) => !box.checked).map((box) => box.value),
    };
    try {
      const saved = await json("PUT", "/team/guidance", { body });
      section.dataset.rev = String(saved.rev);
      lines.replaceChildren(...saved.items.map((/** @type {any} */ item) => {
        const row = line(item);
        /** @type {HTMLInputElement} */ (row.querySelector("input")).checked = item.on;
        return row;
      }));
      setText(state, "Saved. New reviews use it.");
      say("The guidance was saved.");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setText(notice, `${error.title}. ${error.detail} ${error.nextStep}`);
    }
  }

  form.addEventListener("input", unsaved);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  form.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button[data-part]");
    const row = button?.closest("li");
    const what = /** @type {HTMLElement|null} */ (button)?.dataset.part;
    if (what === "add") add({ text: "" });
    if (what === "remove" && row) {
      row.remove();
      unsaved();
    }
    if (what === "take" && row) {
      add({ text: part(row, "text").textContent ?? "", about: /** @type {HTMLElement} */ (row).dataset.about });
      row.remove();
    }
  });
}
