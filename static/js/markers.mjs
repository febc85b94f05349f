/** A strip beside the document with a tick where each painted finding is. For the eye; keyboards go by block buttons. */
import { arrange, setAttribute } from "./dom.mjs";
import { onPainted } from "./highlights.mjs";
import { showAt } from "./scrolling.mjs";
import { currentId } from "./view.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

const height = 1000;
const tick = 4;
/** What a paragraph takes beside its characters. */
const lineEnd = 60;

/** @param {string} name @param {Record<string, string|number>} attributes */
function svg(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

/** How far down each block stands, 0 to 1, by the length of the text before it: what is out of sight has no height yet.
 * @param {HTMLElement} desk */
function placesIn(desk) {
  const blocks = [...desk.querySelectorAll(".block")];
  const lengths = blocks.map(({ textContent: text }) => (text?.length ?? 0) + lineEnd);
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  let before = 0;
  return new Map(blocks.map(({ id }, at) => {
    const place = before / whole;
    before += lengths[at];
    return [id, place];
  }));
}

/** @param {HTMLElement} strip */
export function mount(strip) {
  const desk = /** @type {HTMLElement} */ (document.getElementById("desk"));
  const picture = svg("svg", { viewBox: `0 0 8 ${height}`, preserveAspectRatio: "none" });
  strip.append(picture);
  const places = placesIn(desk);
  /** @type {Finding[]} */
  let painted = [];
  let waiting = false;
  /** @type {Map<string, Element>} */
  let ticks = new Map();

  /** @param {Finding} one */
  function tickOf({ id, anchor, decision, type }) {
    const block = anchor?.block_id ?? "";
    const node = ticks.get(id) ?? svg("rect", { x: 0, width: 8, height: tick });
    setAttribute(node, "y", ((places.get(block) ?? 0) * height).toFixed(1));
    setAttribute(node, "data-block", block);
    setAttribute(node, "data-kind", id === currentId() ? "current" : decision === "open" ? type : "decided");
    return node;
  }
  function draw() {
    waiting = false;
    ticks = new Map(painted.map((one) => [one.id, tickOf(one)]));
    arrange(picture, [...ticks.values()]);
  }
  // Many changes in a row are one picture.
  const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };

  onPainted((list) => { painted = list; later(); });
  strip.addEventListener("click", (event) => {
    const { top, height: tall } = strip.getBoundingClientRect();
    const block = document.getElementById(/** @type {Element} */ (event.target).getAttribute("data-block") ?? "");
    if (block) showAt(block);
    else desk.scrollTop = ((event.clientY - top) / tall) * desk.scrollHeight - desk.clientHeight / 2;
  });
}
