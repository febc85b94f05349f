/** A strip beside the document with a tick where each painted finding is. For the eye; keyboards go by block buttons. */
import { arrange, setAttribute } from "./dom.mjs";
import { onPainted } from "./highlights.mjs";
import { showAt } from "./scrolling.mjs";
import { currentId } from "./view.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

const height = 1000;
const tick = 4;

/** @param {string} name @param {Record<string, string|number>} attributes */
function svg(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

/** @param {HTMLElement} strip */
export function mount(strip) {
  const desk = /** @type {HTMLElement} */ (document.getElementById("desk"));
  const picture = svg("svg", { viewBox: `0 0 8 ${height}`, preserveAspectRatio: "none" });
  strip.append(picture);
  /** @type {Finding[]} */
  let painted = [];
  let waiting = false;
  /** How far down each block stands, until the width changes. @type {Map<string, number>} */
  const places = new Map();
  /** @type {Map<string, Element>} */
  let ticks = new Map();

  /** @param {string} id */
  function place(id) {
    const block = document.getElementById(id);
    if (!block) return 0;
    const from = desk.getBoundingClientRect().top - desk.scrollTop;
    return ((block.getBoundingClientRect().top - from) / desk.scrollHeight) * height;
  }
  /** @param {Finding} one */
  function tickOf({ id, anchor, decision, type }) {
    const block = anchor?.block_id ?? "";
    if (!places.has(block)) places.set(block, place(block));
    const node = ticks.get(id) ?? svg("rect", { x: 0, width: 8, height: tick });
    setAttribute(node, "y", Number(places.get(block)).toFixed(1));
    setAttribute(node, "data-block", block);
    setAttribute(node, "data-kind", id === currentId() ? "current" : decision === "open" ? type : "decided");
    return node;
  }
  function draw() {
    waiting = false;
    if (desk.scrollHeight === 0) return; // another pane is shown
    ticks = new Map(painted.map((one) => [one.id, tickOf(one)]));
    arrange(picture, [...ticks.values()]);
  }
  // Many changes in a row are one picture.
  const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };

  onPainted((list) => { painted = list; later(); });
  new ResizeObserver(() => { places.clear(); later(); }).observe(desk);
  strip.addEventListener("click", (event) => {
    const { top, height: tall } = strip.getBoundingClientRect();
    const block = document.getElementById(/** @type {Element} */ (event.target).getAttribute("data-block") ?? "");
    if (block) showAt(block);
    else desk.scrollTop = ((event.clientY - top) / tall) * desk.scrollHeight - desk.clientHeight / 2;
  });
}
