/** The words of the interface for states, types, sizes and times. */

export const typeWords = { critical: "Critical", important: "Important", suggestion: "Suggestion", positive: "Positive" };
export const riskWords = { high: "High", medium: "Medium", low: "Low" };

/** States of a section: the word beside the icon. @type {Record<string, string>} */
export const stateWords = {
  not_started: "Not reviewed",
  queued: "Waiting",
  running: "Running",
  retrying: "Trying again",
  completed: "Reviewed",
  failed: "Failed",
  cancelled: "Cancelled",
  skipped: "Skipped",
};

const active = new Set(["queued", "running", "retrying"]);
/** @param {string} status */
export const isActive = (status) => active.has(status);

/** Strongest first: what is folded away is what matters least. */
export const strength = { critical: 0, important: 1, suggestion: 2, positive: 3 };
export const riskStrength = { high: 0, medium: 1, low: 2 };

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** The first words of it, whole ones. @param {string} text @param {number} most letters */
export const shortened = (text, most) => (text.length > most ? `${text.slice(0, most).replace(/\s+\S*$/, "")}…` : text);

/** Under which the logs have it. @param {{correlation_id?: string}|null} error of a task */
export const referenceWords = (error) => (error?.correlation_id ? ` Reference ${error.correlation_id}.` : "");

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
export const fullTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });

/** "2 min ago", "Yesterday", "18 Nov". @param {Date} at @param {Date} [now] */
export function ago(at, now = new Date()) {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  if (minutes < 1) return "Just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (at.toDateString() === now.toDateString()) return `Today, ${clock.format(at)}`;
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (at.toDateString() === yesterday.toDateString()) return `Yesterday, ${clock.format(at)}`;
  return (at.getFullYear() === now.getFullYear() ? day : dayOfYear).format(at);
}
