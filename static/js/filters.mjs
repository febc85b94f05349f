/** What narrows the list: one decision, any number of kinds, words, and four more choices behind a fold. */
import { say } from "./announce.mjs";
import { el, part, setAttribute, setText } from "./dom.mjs";
import { choice, hasKind } from "./narrowing.mjs";
import { counts, findings, isLoaded, onReview, points, section, sections } from "./review.mjs";
import { sourceName } from "./sources.mjs";
import { listed, narrow, narrowKind, onView, shown } from "./view.mjs";

const afterTypingMs = 150;

function tell() {
  say(`${shown().length} shown, ${listed().length - shown().length} hidden.`);
}

/** @param {HTMLSelectElement} select @param {[string, string][]} options value and words, after the one for all */
function fill(select, options) {
  const drawn = JSON.stringify(options);
  if (select.dataset.drawn === drawn) return;
  select.dataset.drawn = drawn;
  select.replaceChildren(/** @type {Element} */ (select.firstElementChild), ...options.map(([value, words]) => el("option", { value }, words)));
}

/** Only what some finding has. @param {HTMLElement} root */
function fillChoices(root) {
  const all = findings();
  const has = (/** @type {(one: any) => any[]} */ values) => new Set(all.flatMap(values));
  const [inSections, named, sources] = [has((one) => [one.section_id]), has((one) => one.hawkeye_refs), has((one) => one.sources)];
  /** @type {[string, string][]} */
  const rows = sections().filter(({ id }) => inSections.has(id)).map(({ id, label, name }) => [id, `${label} ${name}`.trim()]);
  if ([...inSections].some((id) => !section(id))) rows.push(["document", "Whole document"]);
  fill(selectOf(root, "section"), rows);
  fill(selectOf(root, "point"), points().filter(({ number }) => named.has(number)).map(({ number, name }) => [String(number), `${number} ${name}`]));
  fill(selectOf(root, "source"), [...sources].map((source) => [source, sourceName(source, "")]));
}
/** @param {HTMLElement} root @param {string} name */
const selectOf = (root, name) => /** @type {HTMLSelectElement} */ (part(root, `choose-${name}`));

/** @param {HTMLElement} root */
export function mount(root) {
  const chips = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll("[data-filter]")]);
  const selects = /** @type {HTMLSelectElement[]} */ ([...root.querySelectorAll("select[name]")]);
  const search = /** @type {HTMLInputElement} */ (part(root, "search"));
  root.addEventListener("click", (event) => {
    const chip = /** @type {Element} */ (event.target).closest("button");
    if (!chip) return;
    if (chip.dataset.filter === "decision") narrow("decision", chip.value);
    else narrowKind(chip.value);
    tell();
  });
  for (const select of selects) select.addEventListener("change", () => { narrow(/** @type {any} */ (select.name), select.value); tell(); });
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => { narrow("text", search.value.trim()); tell(); }, afterTypingMs);
  });
  search.value = choice("text");
  onReview(({ kind }) => { if (kind === "loaded") fillChoices(root); });
  onView(() => {
    if (!isLoaded()) return;
    const made = counts();
    for (const chip of chips) {
      const on = chip.dataset.filter === "decision" ? choice("decision") === chip.value : hasKind(chip.value);
      setAttribute(chip, "aria-pressed", String(on));
      const number = chip.querySelector(".number");
      if (number) setText(number, String(made[/** @type {keyof typeof made} */ (chip.value)]));
    }
    for (const select of selects) if (select.value !== choice(/** @type {any} */ (select.name))) select.value = choice(/** @type {any} */ (select.name));
    if (choice("text") === "" && document.activeElement !== search) search.value = "";
    const behind = ["risk", "section", "point", "source"].filter((name) => choice(/** @type {any} */ (name)) !== "").length;
    setText(part(root, "behind"), behind > 0 ? `${behind} chosen` : "");
  });
}
