/** A strip beside the document with a tick where each painted finding is. For the eye; keyboards go by block buttons. */
import { findings } from "./review.mjs";
import { onPainted } from "./highlights.mjs";
import { showAt } from "./scrolling.mjs";
import { currentId } from "./view.mjs";

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
  /** @type {Set<string>} */
  let ids = new Set();
  let waiting = false;

  function draw() {
    waiting = false;
    if (desk.scrollHeight === 0) return; // another pane is shown
    const [top, whole] = [desk.getBoundingClientRect().top - desk.scrollTop, desk.scrollHeight];
    const ticks = findings().filter(({ id, anchor }) => anchor && ids.has(id)).map((one) => {
      const block = document.getElementById(one.anchor?.block_id ?? "");
      const y = block ? ((block.getBoundingClientRect().top - top) / whole) * height : 0;
      const kind = one.id === currentId() ? "current" : one.decision === "open" ? one.type : "decided";
      return svg("rect", { x: 0, y: y.toFixed(1), width: 8, height: tick, "data-kind": kind, "data-block": block?.id ?? "" });
    });
    picture.replaceChildren(...ticks);
  }
  // Many changes in a row are one picture.
  const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };

  onPainted((list) => { ids = new Set(list.map(({ id }) => id)); later(); });
  new ResizeObserver(later).observe(desk);
  strip.addEventListener("click", (event) => {
    const { top, height: tall } = strip.getBoundingClientRect();
    const block = document.getElementById(/** @type {Element} */ (event.target).getAttribute("data-block") ?? "");
    if (block) showAt(block);
    else desk.scrollTop = ((event.clientY - top) / tall) * desk.scrollHeight - desk.clientHeight / 2;
  });
}
