/** Keeps an operators' page as it would be if it were opened now: asks for the page itself, takes over what differs. */
import { say } from "./announce.mjs";
import { Problem, send } from "./api.mjs";
import { part, setText } from "./dom.mjs";
import { morph } from "./morph.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { createPoller, whenSeen } from "./poller.mjs";

const drawn = new EventTarget();
/** Calls `act` each time the page was drawn anew. @param {() => void} act */
export const onDrawn = (act) => drawn.addEventListener("drawn", act);

/** @type {() => Promise<void>} */
let look = async () => {};
/** Draws the page anew at once: something was done. */
export const lookNow = () => look();

const units = [["d", 86400, "h", 3600], ["h", 3600, "min", 60], ["min", 60, "s", 1]];

/** In the two largest units: 4 s, 3 min 20 s. @param {number} seconds */
export function age(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  for (const [name, size, below, small] of /** @type {[string, number, string, number][]} */ (units)) {
    const rest = Math.floor((whole % size) / small);
    if (whole >= size) return `${Math.floor(whole / size)} ${name}${rest ? ` ${rest} ${below}` : ""}`;
  }
  return `${whole} s`;
}

/** @param {HTMLElement} root */
export function mount(root) {
  // Ages are counted by the server's clock: this machine's may be wrong.
  const aheadMs = Date.now() - Date.parse(root.dataset.now ?? "");
  const serverNow = () => new Date(Date.now() - aheadMs);
  const pause = part(root, "pause");
  let tag = "";
  let paused = false;
  let failing = false;

  function tick() {
    for (const time of document.querySelectorAll("time[data-age]")) {
      setText(time, age((serverNow().getTime() - Date.parse(time.getAttribute("datetime") ?? "")) / 1000));
    }
  }

  async function load() {
    const address = location.pathname + location.search;
    const answer = await send("GET", address, { headers: tag ? { "If-None-Match": tag } : {} });
    if (answer.status !== 304) {
      tag = answer.headers.get("ETag") ?? "";
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const old of document.querySelectorAll("[data-fresh]")) {
        const fresh = page.getElementById(old.id);
        if (fresh) morph(old, fresh);
      }
      drawn.dispatchEvent(new Event("drawn"));
    }
    tick();
    setText(part(root, "as-of"), `As of ${serverNow().toISOString().slice(11, 19)} UTC`);
  }

  async function ask() {
    if (!paused) await load();
    return !document.querySelector("[data-ended]");
  }

  function trouble(/** @type {number} */ failures, /** @type {unknown} */ error) {
    const place = part(root, "notice");
    failing = failures > 0;
    if (!failing) { place.replaceChildren(); return; }
    const problem = error instanceof Problem ? error : new Problem({});
    const since = `What is shown is ${(part(root, "as-of").textContent ?? "").replace("As of", "of")}. It is tried again by itself.`;
    place.replaceChildren(problemNotice(problem, { level: "caution", also: since, actions: [linkButton("Try now", now)] }));
  }

  const now = () => load().then(() => trouble(0, null), (error) => trouble(1, error));
  look = now;
  const poller = createPoller({ ask, onTrouble: trouble });
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    say(paused ? "The page stands still." : "The page follows again.");
    if (!paused) now();
  });
  whenSeen(poller.poke);
  setInterval(() => { if (!paused && !failing && !document.hidden) tick(); }, 1000);
  poller.poke();
}
