/** Finishing a review: shares, handing over, signing off. Each is saved at once; the page then shows what stands. */
import { say } from "./announce.mjs";
import { json, send } from "./api.mjs";
import { part } from "./dom.mjs";
import { morph } from "./morph.mjs";
import { problemNotice } from "./notices.mjs";

const address = (/** @type {string} */ tail) => `/sessions/${document.body.dataset.session}/${tail}`;

/** @param {HTMLElement} place @param {string} tail @param {object} body @param {() => void} [then] */
async function save(place, tail, body, then = () => location.reload()) {
  place.replaceChildren();
  try {
    await json("PUT", address(tail), { body });
  } catch (error) {
    place.replaceChildren(problemNotice(/** @type {any} */ (error)));
    return;
  }
  then();
}

/** The list of who is in it, as the page would show it now: what else is typed, chosen or on its way stays.
 * @param {HTMLElement} list */
async function drawTeam(list) {
  try {
    const text = await (await send("GET", location.pathname)).text();
    morph(list, part(new DOMParser().parseFromString(text, "text/html"), "team"));
    say("Saved.");
  } catch {
    location.reload();
  }
}

/** @param {SubmitEvent} event @returns {Record<string, string>} */
function fields(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}

/** @param {HTMLElement} root */
export function mount(root) {
  const notice = part(root, "team-notice");
  const team = part(root, "team");
  const name = () => /** @type {HTMLInputElement} */ (share?.elements.namedItem("user_id"));
  const share = /** @type {HTMLFormElement|null} */ (root.querySelector("[data-part=share]"));
  share?.addEventListener("submit", (event) => {
    const { user_id, access } = fields(event);
    if (access === "owner") save(notice, "owner", { user_id });
    else save(notice, "shares", { user_id, access }, () => {
      if (name().value.trim() === user_id) name().value = "";
      drawTeam(team);
    });
  });
  root.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-unshare]");
    if (button) save(notice, "shares", { user_id: button.getAttribute("data-unshare"), access: null }, () => {
      // The button goes with its line: the focus stays beside the list.
      if (document.activeElement === button) name().focus();
      drawTeam(team);
    });
  });
  const sign = /** @type {HTMLFormElement|null} */ (root.querySelector("[data-part=sign-off]"));
  sign?.addEventListener("submit", (event) => {
    event.preventDefault();
    save(part(sign, "sign-notice"), "sign_off", { open: Number(sign.dataset.open) });
  });
}
