/** The pictures of pages: their frames at once, each picture and its words when it comes near. */
import { Problem, send } from "./api.mjs";
import { el } from "./dom.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { drawText } from "./page-text.mjs";
import { address } from "./review.mjs";

/** @typedef {import("./page-text.mjs").Page} Page */

const mostTries = 5;
const pauseMs = 3000;

/** Pages in sight whose pictures are not there yet. @type {Map<number, HTMLImageElement>} */
const waiting = new Map();
let busy = false;

/** Frames whose words are not drawn yet. @type {Map<Element, Page>} */
const wordless = new Map();
/** @type {WeakMap<Element, number>} frame -> its page */
const numbers = new WeakMap();

/** @param {HTMLElement} desk @param {Page[]} pages @returns {Map<number, HTMLElement>} where the boxes of each page go */
export function framesOf(desk, pages) {
  const watcher = new IntersectionObserver(seen, { root: desk, rootMargin: "100% 0px" });
  return new Map(pages.map((page) => {
    const { number, width, height } = page;
    const layer = el("div", { class: "page-boxes" });
    const words = `Page ${number} of ${pages.length} as the file shows it. Choose Text to have it read out in order.`;
    const frame = el("figure", { class: "page-frame", "aria-label": `Page ${number}` }, el("img", { alt: words }), layer);
    frame.style.aspectRatio = `${width} / ${height}`;
    desk.append(frame, el("p", { class: "page-number", "aria-hidden": true }, `${number} of ${pages.length}`));
    numbers.set(frame, number);
    wordless.set(frame, page);
    watcher.observe(frame);
    return [number, layer];
  }));
}

/** @param {IntersectionObserverEntry[]} entries */
function seen(entries) {
  for (const { target, isIntersecting } of entries) {
    const number = /** @type {number} */ (numbers.get(target));
    const picture = /** @type {HTMLImageElement} */ (target.querySelector("img"));
    const page = isIntersecting && wordless.get(target);
    if (page && wordless.delete(target)) drawText(page, target).catch(() => wordless.set(target, page));
    // What was scrolled past in haste is not fetched.
    if (!isIntersecting) waiting.delete(number);
    else if (!picture.src) waiting.set(number, picture);
  }
  fetchAll();
}

/** A child of the server draws several pages at once: asked for side by side, they would be drawn twice. */
async function fetchAll() {
  if (busy) return;
  busy = true;
  for (let [next] = waiting; next; [next] = waiting) {
    waiting.delete(next[0]);
    await fetchOne(...next);
  }
  busy = false;
}

/** @param {number} number @param {HTMLImageElement} picture @param {number} [tries] */
async function fetchOne(number, picture, tries = 1) {
  const url = address(`/pages/${number}`);
  picture.src = url;
  if (await picture.decode().then(() => true, () => false)) { picture.dataset.drawn = ""; return; }
  picture.removeAttribute("src");
  // A picture does not say what was wrong with it: the same question as a request does.
  const problem = await send("GET", url).then(() => null, (error) => error);
  if (tries < mostTries && (!problem || problem.retryAfterS > 0)) {
    await new Promise((done) => { setTimeout(done, problem ? Math.max(pauseMs, problem.retryAfterS * 1000) : 0); });
    await fetchOne(number, picture, tries + 1);
    return;
  }
  const again = () => { notice.remove(); waiting.set(number, picture); fetchAll(); };
  const notice = problemNotice(problem ?? new Problem({}), { actions: [linkButton("Try again", again)] });
  picture.after(notice);
}
