/** One notice for sections that failed for the same reason; loaded when there are some. */
import { part } from "./dom.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { canDecide, followed, sections } from "./review.mjs";
import { reasonOf, reviewAll, sharedReason } from "./tasks.mjs";
import { counted } from "./words.mjs";

const place = part(document, "failed-alike");

/** "6 sections and the whole document": of those that failed with these words. @param {string} reason */
function who(reason) {
  const count = sections().filter((one) => reasonOf(one) === reason).length;
  const whole = followed().filter((one) => reasonOf(one) === reason).length > count;
  return `${counted(count, "section")}${whole ? " and the whole document" : ""}`;
}

/** As the review stands now; the focus stays near when the notice goes. @param {HTMLElement} list of the sections */
export function draw(list) {
  const reason = sharedReason();
  const title = `${who(reason)} failed for the same reason`;
  const drawn = reason && `${title}: ${reason}`;
  if ((place.dataset.drawn ?? "") === drawn) return;
  place.dataset.drawn = drawn;
  const hadFocus = place.contains(document.activeElement);
  const again = canDecide() && linkButton("Run all again", reviewAll);
  const reference = followed().find((one) => reasonOf(one) === reason)?.error?.correlation_id;
  const said = /** @type {any} */ ({ title, detail: reason, reference });
  place.replaceChildren(reason ? problemNotice(said, { actions: again ? [again] : [] }) : "");
  if (hadFocus) list.querySelector("a")?.focus();
}
