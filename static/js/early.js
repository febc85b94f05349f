/* Before the first paint and before the modules, which load later. */

/* So that a chosen dark page does not flash white. */
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("colours");
  } catch {
    /* storage is switched off: the system decides */
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();

/*
 * What is pressed, sent or chosen before the modules listen would be lost, and a form without an address would load
 * the page anew. It is kept instead and done once they listen; pressed again meanwhile, it is done once.
 */
(() => {
  let kept = [];
  const keep = ({ type, target }, redo) => {
    kept = [...kept.filter((one) => one.type !== type || one.target !== target), { type, target, redo }];
  };
  const hold = (event, redo) => {
    event.preventDefault();
    event.stopPropagation();
    keep(event, redo);
  };
  const again = (event) => {
    const { type, target } = event;
    const { value, checked } = target;
    keep(event, () => {
      // A module may have shown its own choice in it when it was mounted.
      if (target.value !== value) target.value = value;
      target.checked = checked;
      target.dispatchEvent(new Event(type, { bubbles: true }));
    });
  };
  const listeners = {
    submit: (event) => {
      const { target: form, submitter } = event;
      if (!form.hasAttribute("action")) hold(event, () => form.requestSubmit(submitter));
    },
    click: (event) => {
      const button = event.target.closest("button[type=button]:not([popovertarget])");
      if (button) hold(event, () => button.click());
    },
    input: again,
    change: again,
  };
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener, true);
  document.addEventListener("modules-ready", () => {
    for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener, true);
    for (const { redo } of kept) redo();
  });
})();
