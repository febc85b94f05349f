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
 * the page anew. It is kept instead and done once they listen; pressed again meanwhile, it is done once. A file that is
 * dropped where files are taken would replace the page.
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
  const takes = ({ dataTransfer }) => dataTransfer?.types.includes("Files") && document.querySelector(".drop-target");
  const listeners = {
    dragover: (event) => {
      if (takes(event)) event.preventDefault();
    },
    drop: (event) => {
      if (!takes(event)) return;
      // What an event carries is empty once it is over; its files are not.
      const dataTransfer = new DataTransfer();
      for (const file of event.dataTransfer.files) dataTransfer.items.add(file);
      hold(event, () => document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true })));
    },
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
  // The first script did not come: the page need not wait before it says so.
  const failed = ({ target }) => {
    if (target instanceof HTMLScriptElement) document.documentElement.dataset.failed = "";
  };
  addEventListener("error", failed, true);
  document.addEventListener("modules-ready", () => {
    for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener, true);
    for (const { redo } of kept) redo();
  });
})();
