/** Deciding everything that fits the filters at once, with the number said and one undo. */
import { decideMany, reasons } from "./decisions.mjs";
import { el, part, setText } from "./dom.mjs";
import { canDecide, isLoaded } from "./review.mjs";
import { narrowed } from "./narrowing.mjs";
import { onView, openInView } from "./view.mjs";

/** @param {HTMLElement} bar */
export function mount(bar) {
  const why = /** @type {HTMLSelectElement} */ (part(bar, "bulk-reason"));
  why.append(el("option", { value: "" }, "No reason"), ...reasons.map((reason) => el("option", {}, reason)));
  const ids = () => openInView().map(({ id }) => id);
  part(bar, "accept-all").addEventListener("click", () => decideMany(ids(), "accepted", ""));
  part(bar, "reject-all").addEventListener("click", () => decideMany(ids(), "rejected", why.value));
  onView(() => {
    if (!isLoaded()) return;
    const open = openInView().length;
    bar.hidden = !canDecide() || !narrowed() || open === 0;
    setText(part(bar, "accept-all"), `Accept ${open} open`);
    setText(part(bar, "reject-all"), `Reject ${open} open`);
  });
}
