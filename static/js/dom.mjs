/** Small makers of elements. Text goes in as text, never as markup. */

/** As the page has it: with its version, so that the browser asks for it once. */
const iconSheet = document.querySelector("use")?.getAttribute("href")?.split("#")[0] ?? "";

/**
 * @param {string} tag
 * @param {Record<string, unknown>} attributes null, undefined and false leave an attribute out; "onclick" listens
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  for (const child of children) if (child) node.append(child);
  return node;
}

/** @param {HTMLElement} node @param {string} name @param {unknown} value */
function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  else node.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
}

/** @param {string} name symbol in icons.svg @returns {SVGSVGElement} */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  setIcon(svg, name);
  return svg;
}

/** @param {Element} svg @param {string} name */
export function setIcon(svg, name) {
  const address = `${iconSheet}#${name}`;
  const use = svg.querySelector("use");
  if (use && use.getAttribute("href") !== address) use.setAttribute("href", address);
}

/** The element inside `root` that carries data-part="name". @param {ParentNode} root @param {string} name */
export function part(root, name) {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`part ${name} is missing`);
  return found;
}

/** Sets text only when it differs: an unchanged live region stays quiet. @param {Element} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} node @param {string} name @param {string|null} value null removes it */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * Makes `wanted` the children of `parent` without touching those that already stand right, so that the focus and
 * the place of scrolling survive.
 * @param {Element} parent @param {Node[]} wanted
 */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  wanted.forEach((node, at) => {
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
  });
}

let byKey = false;
addEventListener("keydown", () => { byKey = true; }, true);
addEventListener("pointerdown", () => { byKey = false; }, true);

/** With a ring for who uses keys now: of its own accord WebKit shows none once the mouse was used.
 * @param {HTMLElement} node */
export const focusOn = (node) => node.focus({ preventScroll: true, focusVisible: byKey || undefined });
