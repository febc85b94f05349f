/** My reviews: fetched, drawn, kept fresh while something runs; says so when it cannot be read. */
import { json, Problem } from "./api.mjs";
import { arrange, part } from "./dom.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { createPoller, whenSeen } from "./poller.mjs";
import { askName, askDelete } from "./review-dialogs.mjs";
import { reviewRow } from "./review-row.mjs";

/**
 * @typedef {object} Summary one review of GET /sessions
 * @property {string} session_id
 * @property {string} document_name
 * @property {string} kind
 * @property {number|null} pages
 * @property {string} created_at ISO UTC
 * @property {number} total_sections
 * @property {number} completed
 * @property {number} failed
 * @property {number} active
 * @property {string} owner
 * @property {boolean} signed_off
 */

/** @param {HTMLElement} panel */
export function mount(panel) {
  /** @type {Map<string, {drawn: string, row: HTMLElement}>} */
  let rows = new Map();

  /** @param {Summary} review */
  function rowOf(review) {
    const drawn = JSON.stringify(review);
    const known = rows.get(review.session_id);
    if (known?.drawn === drawn) return known;
    const row = reviewRow(review, {
      mine: review.owner === document.body.dataset.user,
      rename: () => askName(review, now),
      remove: () => askDelete(review, now),
    });
    return { drawn, row };
  }

  /** @param {Summary[]} reviews */
  function draw(reviews) {
    rows = new Map(reviews.map((review) => [review.session_id, rowOf(review)]));
    arrange(part(panel, "rows"), [...rows.values()].map(({ row }) => row));
    part(panel, "loading").hidden = true;
    part(panel, "table").hidden = reviews.length === 0;
    part(panel, "empty").hidden = reviews.length > 0;
    part(panel, "count").hidden = reviews.length === 0;
    part(panel, "count").textContent = String(reviews.length);
  }

  async function load() {
    const { sessions } = await json("GET", "/sessions");
    draw(sessions);
    return sessions.some((/** @type {Summary} */ { active }) => active > 0);
  }

  /** @param {number} failures @param {unknown} error */
  function trouble(failures, error) {
    const place = part(panel, "notice");
    if (failures === 0 || !(error instanceof Problem)) { place.replaceChildren(); return; }
    part(panel, "loading").hidden = true;
    const title = { ...error, title: "Your reviews cannot be shown right now" };
    const also = "Nothing is lost: reviews and decisions are kept. It is tried again by itself.";
    place.replaceChildren(problemNotice(title, { level: "caution", also, actions: [linkButton("Try now", now)] }));
  }

  const poller = createPoller({ ask: load, onTrouble: trouble });
  const now = () => load().then(() => trouble(0, null), (error) => trouble(1, error));
  whenSeen(poller.poke);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) poller.poke(); });
  return now().then(poller.poke);
}
