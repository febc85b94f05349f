/** Scrolling inside one pane: the page itself never moves. */

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {Element} node @returns {HTMLElement} the pane that scrolls it */
const paneOf = (node) => /** @type {HTMLElement} */ (node.closest(".pane-scroll"));

/** Brings `node` a third down its pane. @param {Element} node @param {{smooth?: boolean}} [options] */
export function showAt(node, { smooth = false } = {}) {
  const pane = paneOf(node);
  if (pane.hidden) pane.dispatchEvent(new Event("wanted"));
  const top = node.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
  pane.scrollTo({ top: top - pane.clientHeight / 3, behavior: smooth && !calm.matches ? "smooth" : "auto" });
}

/** Moves only when `node` is not whole in view; then its head comes under what sticks to the top.
 * @param {HTMLElement} node @param {{head?: number}} [options] head: height that sticks, in pixels */
export function reveal(node, { head = 0 } = {}) {
  const pane = paneOf(node);
  const box = node.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  const fits = box.top >= frame.top + head && box.bottom <= frame.bottom;
  if (!fits) pane.scrollTop += box.top - frame.top - head;
}

/**
 * What opens above or below takes height from the foot of the pane: what is being typed there follows, or else the
 * head of `card`.
 * @param {HTMLElement} pane @param {() => HTMLElement|null} card @param {number} head height that sticks, in pixels
 */
export function keepHead(pane, card, head) {
  let before = 0;
  new ResizeObserver(() => {
    const [height, node] = [pane.clientHeight, card()];
    const top = node ? node.getBoundingClientRect().top - pane.getBoundingClientRect().top : 0;
    const typing = height < before && pane.querySelector("textarea:focus, input:focus");
    if (typing) typing.scrollIntoView({ block: "nearest" });
    else if (node && height > 0 && top < before && top > height - 2 * head) reveal(node, { head });
    before = height;
  }).observe(pane);
}

/**
 * Runs `draw` so that what is being read stays where it is: the anchor keeps its place in the pane.
 * @param {HTMLElement} pane @param {() => Element|null} anchor looked up before and after @param {() => void} draw
 */
export function steady(pane, anchor, draw) {
  const before = anchor();
  const top = before?.getBoundingClientRect().top ?? 0;
  draw();
  const after = before && anchor();
  if (after) pane.scrollTop += after.getBoundingClientRect().top - top;
}
