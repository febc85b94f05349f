/** My reviews: fetched, drawn, kept fresh while something runs; says so when it cannot be read. */
import { say } from "./announce.mjs";
import { Problem, send } from "./api.mjs";
import { part, setText } from "./dom.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { meet } from "./people.mjs";
import { createPoller, whenSeen } from "./poller.mjs";
import { reviewRows } from "./reviews-rows.mjs";
import { askTallies, forgetTallies } from "./reviews-tallies.mjs";
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
 * @typedef {{sessions: Summary[], people: Record<string, string>, found: number, total: number}} Listing
 */

const pageSize = 50;
const mostListed = 1000;
const findFrom = 8;
const afterTypingMs = 200;

/** What stands around the rows. @param {HTMLElement} panel @param {Listing} listing @param {string} find */
function drawAround(panel, { sessions: { length: shown }, found, total }, find) {
  const rest = Math.min(found, mostListed) - shown;
  const hidden = {
    loading: true, table: shown === 0, empty: total > 0, "none-found": total === 0 || shown > 0, "find-row": total < findFrom,
    count: total === 0, "more-row": rest <= 0 && find === "", more: rest <= 0,
  };
  for (const [name, is] of Object.entries(hidden)) part(panel, name).hidden = is;
  setText(part(panel, "count"), String(total));
  setText(part(panel, "more"), `Show ${Math.min(rest, pageSize)} more`);
  setText(part(panel, "shown-of"), find === "" ? `${shown} of ${found} shown` : `${counted(found, "review")} with this name, ${shown} shown`);
}

/** @param {HTMLElement} panel @param {() => void} again @param {number} failures @param {unknown} error */
function drawTrouble(panel, again, failures, error) {
  const place = part(panel, "notice");
  if (failures === 0 || !(error instanceof Problem)) { place.replaceChildren(); return; }
  part(panel, "loading").hidden = true;
  const title = { ...error, title: "Your reviews cannot be shown right now" };
  const also = "Nothing is lost: reviews and decisions are kept. It is tried again by itself.";
  place.replaceChildren(problemNotice(title, { level: "caution", also, actions: [linkButton("Try now", again)] }));
}

/** The reviews of a panel, as far as they are asked for. @param {HTMLElement} panel */
function listIn(panel) {
  const rows = reviewRows(part(panel, "rows"), { anew: () => now() });
  /** @type {Listing} */
  let listing = { sessions: [], people: {}, found: 0, total: 0 };
  let [most, find, etag, asked] = [pageSize, "", "", ""];

  function draw() {
    rows.draw(listing.sessions);
    drawAround(panel, listing, find);
  }
  /** @returns {Promise<boolean>} whether something runs */
  async function load() {
    const url = `/sessions?${new URLSearchParams({ most: String(most), ...(find && { find }) })}`;
    const answer = await send("GET", url, { headers: etag && asked === url ? { "If-None-Match": etag } : {} });
    if (answer.status !== 304) {
      [asked, etag] = [url, answer.headers.get("ETag") ?? ""];
      listing = await answer.json();
      meet(listing.people);
      draw();
    }
    askTallies(listing.sessions, draw);
    return listing.sessions.some(({ active, document_pass: whole }) => active > 0 || isActive(whole));
  }
  const trouble = (/** @type {number} */ failures, /** @type {unknown} */ error) => drawTrouble(panel, now, failures, error);
  const now = () => load().then(() => trouble(0, null), (error) => trouble(1, error));

  return {
    now,
    poller: createPoller({ ask: load, onTrouble: trouble }),
    /** @param {string} words */
    async search(words) {
      [find, most] = [words, pageSize];
      await now();
      say(find === "" ? "All reviews." : `${counted(listing.found, "review")} with this name.`);
    },
    async more() {
      const before = listing.sessions.length;
      most = Math.min(most + pageSize, mostListed);
      await now();
      // On to what came: the button may be gone.
      rows.focus(before);
    },
  };
}

/** @param {HTMLElement} panel */
export function mount(panel) {
  const list = listIn(panel);
  const box = /** @type {HTMLInputElement} */ (part(panel, "find"));
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => list.search(box.value.trim()), afterTypingMs);
  });
  part(panel, "find-all").addEventListener("click", () => { box.value = ""; box.focus(); list.search(""); });
  part(panel, "more").addEventListener("click", list.more);
  const anew = () => { forgetTallies(); list.poller.poke(); };
  whenSeen(anew);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) anew(); });
  return list.now().then(list.poller.poke);
}
