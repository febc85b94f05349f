/** How long something has still to wait, in words that promise no more than is known. */
import { counted } from "./words.mjs";

/** @typedef {{stage: string, waiting_for?: string|null, ahead?: number|null, eta_s?: number|null}} Progress */

/** @param {number} seconds */
function about(seconds) {
  if (seconds < 50) return "less than a minute";
  if (seconds < 90 * 60) return `about ${counted(Math.round(seconds / 60) || 1, "minute")}`;
  return `about ${counted(Math.round(seconds / 3600), "hour")}`;
}

/**
 * "37 sections ahead, about 2 minutes"; "" where nothing is known.
 * @param {Progress|null|undefined} progress @param {string} one what stands in the line: "section", "question"
 */
export function waitWords(progress, one) {
  if (!progress) return "";
  const { waiting_for: what, ahead, eta_s: eta } = progress;
  const time = typeof eta === "number" ? about(eta) : "";
  if (typeof ahead !== "number") return [what && `for ${what}`, time].filter(Boolean).join(", ");
  const place = ahead === 0 ? "next in line" : `${counted(ahead, one)} ahead`;
  return `${place}, ${time || "nobody can say how long: nothing has moved lately"}`;
}

/** The one that waits longest; where nobody can say how long, that is the longest. @param {Progress[]} waits */
export function worst(waits) {
  const length = ({ ahead, eta_s: eta }) => [eta ?? (typeof ahead === "number" ? Infinity : -1), ahead ?? -1];
  return waits.reduce((/** @type {Progress|null} */ most, one) => {
    if (!most) return one;
    const [[time, place], [mostTime, mostPlace]] = [length(one), length(most)];
    return time > mostTime || (time === mostTime && place > mostPlace) ? one : most;
  }, null);
}
