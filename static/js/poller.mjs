/** The one poller: asks soon at first, then slower, rarely when hidden, backs off when there is trouble, and ends. */

const eagerForMs = 10_000;
const eagerMs = 1000;
const steadyMs = 2000;
const hiddenMs = 5000;
const longestMs = 30_000;

/**
 * @typedef {object} Surroundings what a test replaces
 * @property {() => number} now milliseconds
 * @property {(act: () => void, ms: number) => number} later
 * @property {(timer: number) => void} forget
 * @property {() => boolean} hidden
 * @property {() => number} random 0 to 1
 */

/** @type {Surroundings} */
const browser = {
  now: () => performance.now(),
  later: (act, ms) => window.setTimeout(act, ms),
  forget: (timer) => clearTimeout(timer),
  hidden: () => document.hidden,
  random: () => Math.random(),
};

/**
 * @param {{ask: () => Promise<boolean>, onTrouble?: (failures: number, error: unknown) => void,
 *          surroundings?: Partial<Surroundings>}} options
 *        ask: one round; true while there is something left to wait for. It throws when the round failed.
 *        onTrouble: rounds that failed in a row, 0 when it works again.
 * @returns {{poke: () => void, stop: () => void}} poke: there is news to wait for, start over eagerly
 */
export function createPoller({ ask, onTrouble = () => {}, surroundings = {} }) {
  const { now, later, forget, hidden, random } = { ...browser, ...surroundings };
  let timer = 0;
  let asking = false;
  let failures = 0;
  let since = now();
  let poked = false;

  function pause(/** @type {number} */ leastMs) {
    if (failures > 0) {
      const backOff = Math.min(longestMs, eagerMs * 2 ** failures);
      return Math.max(leastMs, backOff * (0.75 + random() / 2));
    }
    if (hidden()) return hiddenMs;
    return now() - since < eagerForMs ? eagerMs : steadyMs;
  }

  async function round() {
    let more = true;
    let leastMs = 0;
    asking = true;
    try {
      more = await ask();
      if (failures > 0) onTrouble(0, null);
      failures = 0;
    } catch (error) {
      failures += 1;
      leastMs = (/** @type {{retryAfterS?: number}} */ (error).retryAfterS ?? 0) * 1000;
      onTrouble(failures, error);
    }
    asking = false;
    if (more || poked) schedule(pause(leastMs));
    poked = false;
  }

  function schedule(/** @type {number} */ ms) {
    forget(timer);
    timer = later(round, ms);
  }

  return {
    poke() {
      since = now();
      if (asking) poked = true;
      else schedule(failures > 0 ? pause(0) : eagerMs);
    },
    stop: () => forget(timer),
  };
}

/** Calls `act` when the page is looked at again: another tab, or another window beside it, had the eye meanwhile.
 * @param {() => void} act */
export function whenSeen(act) {
  let timer = 0;
  const seen = () => {
    clearTimeout(timer); // one look can be both
    if (!document.hidden) timer = window.setTimeout(act, 50);
  };
  document.addEventListener("visibilitychange", seen);
  addEventListener("focus", seen);
}
