/** My reviews: fetched, drawn, kept fresh while something runs; says so when it cannot be read. */
import { say } from "./announce.mjs";
import { Problem, send } from "./api.mjs";
import { arrange, part, setText } from "./dom.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { createPoller, whenSeen } from "./poller.mjs";
import { askName, askDelete } from "./review-dialogs.mjs";
import { reviewRow } from "./review-row.mjs";
import { askTallies, forgetTallies, tallyOf } from "./reviews-tallies.mjs";
import { counted, isActive } from "./words.mjs";

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
 * @property {string} document_pass state of the pass over the whole document
 * @property {string} owner
 * @property {boolean} signed_off
 * @typedef {{sessions: Summary[], found: number, total: number}} Listing
 */

const pageSize = 50;
const mostListed = 1000;
const findFrom = 8;
const afterTypingMs = 200;

/** What in a row can have the focus. @param {{row: HTMLElement}|undefined} drawn @returns {Element[]} */
const controlsOf = (drawn) => [...(drawn?.row.querySelectorAll("a, button") ?? [])];

/** @param {HTMLElement} panel */
export function mount(panel) {
  /** @type {Map<string, {drawn: string, row: HTMLElement}>} */
  let rows = new Map();
  /** @type {Listing} */
  let listing = { sessions: [], found: 0, total: 0 };
  let [most, find, etag, asked] = [pageSize, "", "", ""];

  /** @param {Summary} review */
  function rowOf(review) {
    const tally = tallyOf(review.session_id);
    const drawn = JSON.stringify([review, tally]);
    const known = rows.get(review.session_id);
    if (known?.drawn === drawn) return known;
    const row = reviewRow(review, tally, {
      mine: review.owner === document.body.dataset.user,
      rename: () => askName(review, now),
      remove: () => askDelete(review, now),
    });
    return { drawn, row };
  }

  /** @param {Summary[]} sessions */
  function drawRows(sessions) {
    const held = document.activeElement;
    const [id] = [...rows].find(([, { row }]) => row.contains(held)) ?? [];
    const at = held && id ? controlsOf(rows.get(id)).indexOf(held) : -1;
    rows = new Map(sessions.map((review) => [review.session_id, rowOf(review)]));
    arrange(part(panel, "rows"), [...rows.values()].map(({ row }) => row));
    // The row that had the focus was drawn anew.
    if (id && held && !held.isConnected) /** @type {HTMLElement|undefined} */ (controlsOf(rows.get(id))[at])?.focus();
  }

  function draw() {
    const { sessions, found, total } = listing;
    const shown = sessions.length;
    drawRows(sessions);
    part(panel, "loading").hidden = true;
    part(panel, "table").hidden = shown === 0;
    part(panel, "empty").hidden = total > 0;
    part(panel, "none-found").hidden = total === 0 || shown > 0;
    part(panel, "find-row").hidden = total < findFrom;
    part(panel, "count").hidden = total === 0;
    setText(part(panel, "count"), String(total));
    const rest = Math.min(found, mostListed) - shown;
    part(panel, "more-row").hidden = rest <= 0 && find === "";
    part(panel, "more").hidden = rest <= 0;
    setText(part(panel, "more"), `Show ${Math.min(rest, pageSize)} more`);
    setText(part(panel, "shown-of"), find === "" ? `${shown} of ${found} shown` : `${counted(found, "review")} with this name, ${shown} shown`);
  }

  /** @returns {Promise<boolean>} whether something runs */
  async function load() {
    const url = `/sessions?${new URLSearchParams({ most: String(most), ...(find && { find }) })}`;
    const answer = await send("GET", url, { headers: etag && asked === url ? { "If-None-Match": etag } : {} });
    if (answer.status !== 304) {
      [asked, etag] = [url, answer.headers.get("ETag") ?? ""];
      listing = await answer.json();
      draw();
    }
    askTallies(listing.sessions, draw);
    return listing.sessions.some(({ active, document_pass: whole }) => active > 0 || isActive(whole));
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
  const anew = () => { forgetTallies(); poller.poke(); };

  /** @param {string} words */
  async function search(words) {
    [find, most] = [words, pageSize];
    await now();
    say(find === "" ? "All reviews." : `${counted(listing.found, "review")} with this name.`);
  }
  const box = /** @type {HTMLInputElement} */ (part(panel, "find"));
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => search(box.value.trim()), afterTypingMs);
  });
  part(panel, "find-all").addEventListener("click", () => { box.value = ""; box.focus(); search(""); });
  part(panel, "more").addEventListener("click", async () => {
    const before = rows.size;
    most = Math.min(most + pageSize, mostListed);
    await now();
    // On to what came: the button may be gone.
    /** @type {HTMLElement|undefined} */ (controlsOf([...rows.values()][before])[0])?.focus();
  });
  whenSeen(anew);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) anew(); });
  return now().then(poller.poke);
}
