/** Opens and closes <dialog>: [data-opens="id"], [data-closes]. The focus goes back by itself. */

/** @param {HTMLElement} root */
export function mount(root) {
  root.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const opener = target.closest("[data-opens]");
    if (opener instanceof HTMLElement) open(opener.dataset.opens ?? "");
    target.closest("[data-closes]")?.closest("dialog")?.close();
  });
}

/** @param {string} id @returns {HTMLDialogElement} */
export function open(id) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById(id));
  if (!dialog.open) dialog.showModal();
  return dialog;
}
