/** Which letters are meant: rows with a check mark, or all that fit the filter; kept while the list is drawn anew. */
import { part, setText } from "./dom.mjs";
import { askDeed, askEdit } from "./ops-deeds.mjs";
import { onDrawn } from "./ops-live.mjs";

/** @param {HTMLElement} root */
const boxes = (root) => /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll("tbody input[type=checkbox]")]);

const filters = ["queue", "signature", "code", "session", "q", "newer", "older"];

/** What the address narrows the list to, as the API takes it: whatever else a link says, it is no part of a deed. */
function filter() {
  const asked = new URLSearchParams(location.search);
  return Object.fromEntries(filters.map((name) => [name, asked.get(name)]).filter(([, value]) => value));
}

/** @param {HTMLElement} root */
export function mount(root) {
  /** @type {Set<string>} */
  const chosen = new Set();
  let all = false;

  /** @param {string} action */
  function which(action) {
    if (root.dataset.run) return { run: root.dataset.run };
    if (root.dataset.letter) return { ids: [root.dataset.letter] };
    if (action === "purge") return {};
    return all ? { ...filter(), all: true } : { ids: [...chosen] };
  }

  function tell() {
    const here = boxes(root);
    for (const box of here) {
      box.checked = all || chosen.has(box.value);
      box.disabled = all;
      box.closest("tr")?.toggleAttribute("data-chosen", box.checked);
    }
    const bar = root.querySelector("[data-part=bar]");
    if (!bar) return;
    const some = all || chosen.size > 0;
    bar.toggleAttribute("data-some", some);
    setText(part(root, "chosen"), all ? "All that fit are selected" : chosen.size ? `${chosen.size} selected` : "None selected");
    for (const button of bar.querySelectorAll("[data-deed]")) /** @type {HTMLButtonElement} */ (button).disabled = !some;
    part(root, "all").setAttribute("aria-pressed", String(all));
    const pageBox = /** @type {HTMLInputElement|null} */ (root.querySelector("[data-part=page-box]"));
    if (!pageBox) return;
    const marked = here.filter((box) => box.checked).length;
    pageBox.checked = here.length > 0 && marked === here.length;
    pageBox.indeterminate = marked > 0 && marked < here.length;
    pageBox.disabled = all;
  }

  function done() {
    chosen.clear();
    all = false;
    tell();
  }

  root.addEventListener("change", ({ target }) => {
    const box = /** @type {HTMLInputElement} */ (target);
    if (box.dataset.part === "page-box") for (const one of boxes(root)) choose(one.value, box.checked);
    else if (box.closest("tbody")) choose(box.value, box.checked);
    else return;
    tell();
  });
  /** @param {string} id @param {boolean} wanted */
  function choose(id, wanted) {
    if (wanted) chosen.add(id);
    else chosen.delete(id);
  }

  root.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement|null} */ (/** @type {Element} */ (target).closest("button[data-deed], [data-part=all]"));
    if (!button) return;
    if (button.dataset.part === "all") {
      all = !all;
      chosen.clear();
      tell();
      return;
    }
    const action = button.dataset.deed ?? "";
    if (action === "edit") askEdit(root.dataset.letter ?? "", button.dataset);
    else askDeed(action, { ...which(action), ...(action === "purge" && { queue: button.dataset.queue }) }, done);
  });
  onDrawn(tell);
  tell();
}

