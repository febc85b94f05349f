/** Makes an element say what another says without taking it away from under a focus, a finger or a check mark. */
import { arrange } from "./dom.mjs";

/** @param {Node} node */
const keyOf = (node) => (node instanceof Element ? node.getAttribute("data-key") ?? node.id : "");

/** @param {Element} old @param {Element} fresh */
function sameAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

/**
 * Children with the same data-key (or id) are the same, others by their place.
 * @param {Element} old in the page @param {Element} fresh of a page that was fetched
 */
export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  sameAttributes(old, fresh);
  const keyed = new Map([...old.children].map((child) => [keyOf(child), child]).filter(([key]) => key));
  const unnamed = [...old.childNodes].filter((child) => !keyOf(child));
  arrange(old, [...fresh.childNodes].map((child) => {
    const key = keyOf(child);
    const known = key ? keyed.get(key) : unnamed.shift();
    if (!known || known.nodeName !== child.nodeName) return document.importNode(child, true);
    if (known instanceof Element) morph(known, /** @type {Element} */ (child));
    else if (known.nodeValue !== child.nodeValue) known.nodeValue = child.nodeValue;
    return known;
  }));
}
