/** Mounts every [data-module="a b"] element with ./a.mjs and ./b.mjs: all are loaded first, so none misses an event. */

/** @param {HTMLElement} element */
const modulesOf = (element) =>
  (element.dataset.module ?? "").split(" ").map(async (name) => ({ element, module: await import(`./${name}.mjs`) }));

const elements = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-module]"));
const page = document.documentElement.dataset;
try {
  for (const { element, module } of await Promise.all([...elements].flatMap(modulesOf))) module.mount(element);
} catch (error) {
  page.failed = "";
  throw error;
}
page.ready = "";
document.dispatchEvent(new Event("modules-ready"));
