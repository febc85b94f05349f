/* Before the first paint, so that a chosen dark page does not flash white. Not a module: those run later. */
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("colours");
  } catch {
    /* storage is switched off: the system decides */
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
