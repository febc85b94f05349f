/** "2 findings" beside each paragraph or table row that has some: from the text to the findings without a mouse. */
import { el, icon, setAttribute, setIcon, setText } from "./dom.mjs";
import { currentId } from "./view.mjs";
import { counted, strength } from "./words.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

/** @type {Map<Element, {button: HTMLElement, ids: string[]}>} what holds a button -> the button */
const drawn = new Map();

/** @param {Finding[]} list findings with an anchor @param {(id: string) => void} pick */
export function drawBlockButtons(list, pick) {
  const byHost = grouped(list);
  for (const [host, { button }] of drawn) {
    if (byHost.has(host)) continue;
    button.remove();
    drawn.delete(host);
  }
  for (const [host, here] of byHost) update(host, here, pick);
}

/** The button of the words of a block. @param {string} blockId @returns {HTMLElement|undefined} */
export function buttonOf(blockId) {
  const host = hostOf(blockId);
  return host ? drawn.get(host)?.button : undefined;
}

/** The element that holds the button: what stands around a paragraph, or the end of a table's row.
 * @param {string} blockId @returns {Element|null} */
function hostOf(blockId) {
  const known = hosts.get(blockId);
  if (known) return known;
  const block = document.getElementById(blockId);
  const host = block?.closest("tr")?.lastElementChild ?? block?.parentElement ?? null;
  if (host) hosts.set(blockId, host);
  return host;
}
/** The text of the page never changes. @type {Map<string, Element>} */
const hosts = new Map();

/** @param {Finding[]} list @returns {Map<Element, Finding[]>} */
function grouped(list) {
  /** @type {Map<Element, Finding[]>} */
  const byHost = new Map();
  for (const one of list) {
    const parts = one.anchor ? [one.anchor, ...one.anchor.more ?? []] : [];
    for (const host of new Set(parts.map((part) => hostOf(part.block_id)))) {
      if (host) byHost.set(host, [...(byHost.get(host) ?? []), one]);
    }
  }
  return byHost;
}

/** @param {Element} host @param {Finding[]} here @param {(id: string) => void} pick */
function update(host, here, pick) {
  const known = drawn.get(host) ?? create(host, pick);
  const { button } = known;
  const strongest = here.toSorted((a, b) => strength[a.type] - strength[b.type])[0].type;
  known.ids = here.map(({ id }) => id);
  setAttribute(button, "data-type", strongest);
  setAttribute(button, "aria-current", known.ids.includes(currentId() ?? "") ? "true" : null);
  const categories = here.map(({ category }) => category).join(", ");
  setAttribute(button, "aria-label", `${counted(here.length, "finding")} here: ${categories}`);
  setIcon(/** @type {Element} */ (button.firstElementChild), `type-${strongest}`);
  setText(/** @type {Element} */ (button.lastElementChild), String(here.length));
}

/** @param {Element} host @param {(id: string) => void} pick */
function create(host, pick) {
  const button = el("button", { class: "block-findings", type: "button" }, icon("type-important"), el("span"));
  const known = { button, ids: /** @type {string[]} */ ([]) };
  // Pressed again and again it goes through the findings of the place.
  button.addEventListener("click", () => pick(known.ids[(known.ids.indexOf(currentId() ?? "") + 1) % known.ids.length]));
  host.append(button);
  drawn.set(host, known);
  return known;
}
