/** The form for a finding in one's own words: a found one edited, or a new one. */
import { el } from "./dom.mjs";
import { riskWords, typeWords } from "./words.mjs";

/**
 * @typedef {{type: string, risk_level: string, category: string, description: string, suggestion: string,
 *            replacement?: string, note?: string}} Worded replacement, note: with a field of their own only if given
 */

let forms = 0;

/** @param {string} label @param {HTMLElement} input @param {string} [hint] */
function field(label, input, hint) {
  input.id = `form-${forms}-${input.getAttribute("name")}`;
  const small = hint && el("span", { class: "hint", id: `${input.id}-hint` }, hint);
  if (small) input.setAttribute("aria-describedby", `${input.id}-hint`);
  return el("div", { class: "field" }, el("label", { for: input.id }, label), input, small);
}

/** @param {string} name @param {Record<string, string>} words @param {string} chosen */
function choices(name, words, chosen) {
  const options = Object.entries(words).map(([value, word]) => el("option", { value, selected: value === chosen }, word));
  return el("select", { class: "input", name }, ...options);
}

/** @param {string} name @param {string} text @param {{rows?: number, required?: boolean}} [how] */
function area(name, text, { rows = 3, required = false } = {}) {
  const box = /** @type {HTMLTextAreaElement} */ (el("textarea", { class: "input", name, rows, required, maxlength: 4000 }));
  box.value = text;
  return box;
}

/**
 * @param {Worded} worded
 * @param {{save: string, act: (worded: Worded) => void, back: () => void, typed: (worded: Worded) => void,
 *          also?: Node|false}} how save: the button's words; typed: told after each key
 * @returns {HTMLElement}
 */
export function findingForm(worded, { save, act, back, typed, also = false }) {
  forms += 1;
  const category = el("input", { class: "input", name: "category", value: worded.category, required: true, maxlength: 200, autocomplete: "off" });
  const form = /** @type {HTMLFormElement} */ (el("form", { class: "finding-form" },
    el("div", { class: "field-row" },
      field("Type", choices("type", typeWords, worded.type)),
      field("Risk", choices("risk_level", riskWords, worded.risk_level))),
    field("Title", category),
    field("What is wrong", area("description", worded.description, { rows: 4, required: true })),
    field("What to do", area("suggestion", worded.suggestion)),
    worded.replacement !== undefined && field("Rewrite", area("replacement", worded.replacement, { rows: 2 }),
      "In place of the quoted words, as a tracked change if you ask for rewrites in the download."),
    worded.note !== undefined && field("Note", area("note", worded.note, { rows: 2 }), "Goes into the comment, under the finding."),
    also,
    el("div", { class: "actions" },
      el("button", { class: "button", type: "submit", "data-variant": "primary" }, save, el("kbd", { "aria-hidden": true }, "Ctrl ↵")),
      el("button", { class: "button", type: "button", onclick: back }, "Cancel", el("kbd", { "aria-hidden": true }, "Esc")))));
  const fields = () => /** @type {any} */ (Object.fromEntries([...new FormData(form)].map(([name, text]) => [name, String(text)])));
  form.addEventListener("input", () => typed(fields()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(/** @type {any} */ (Object.fromEntries(Object.entries(fields()).map(([name, text]) => [name, String(text).trim()]))));
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") back();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return form;
}

/** @param {Element} root */
export function focusForm(root) {
  const box = /** @type {HTMLElement|null} */ (root.querySelector("textarea[name=description]"));
  box?.focus({ preventScroll: true });
  box?.scrollIntoView({ block: "nearest" });
}
