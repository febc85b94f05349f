/** Which findings fit the filters, and in which order they stand; kept for as long as the tab is open. */
import { keep, recall } from "./kept.mjs";
import { sessionId } from "./review.mjs";
import { riskStrength, strength } from "./words.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */
/** @typedef {"decision"|"risk"|"section"|"point"|"source"|"text"|"sort"} Choice */

const key = `filters:${sessionId}`;
const wide = { decision: "open", risk: "", section: "", point: "", source: "", text: "", sort: "strongest" };
const kept = JSON.parse(recall("tab", key) ?? "{}");
/** A link from another page may say what to show, such as ?point=8&section=s3. */
const asked = Object.fromEntries([...new URLSearchParams(location.search)].filter(([name]) => name in wide));
const linked = Object.keys(asked).length > 0;
/** @type {Record<Choice, string>} "" lets everything through */
const chosen = linked ? { ...wide, ...asked } : { ...wide, ...kept.chosen };
/** @type {Set<string>} types, and "mine" for findings that reviewers wrote */
const kinds = new Set(linked ? [] : kept.kinds);
// A reload keeps what was chosen since, not what the link said.
if (linked) history.replaceState(null, "", location.pathname + location.hash);

/** @param {Choice} name */
export const choice = (name) => chosen[name];
/** @param {string} kind a type or "mine" */
export const hasKind = (kind) => kinds.has(kind);

/** @param {Choice} name @param {string} value */
export function choose(name, value) {
  chosen[name] = value;
  remember();
}
/** @param {string} kind */
export function toggleKind(kind) {
  if (!kinds.delete(kind)) kinds.add(kind);
  remember();
}
/** Lets everything through; the order stays. */
export function widen() {
  Object.assign(chosen, wide, { decision: "all", sort: chosen.sort });
  kinds.clear();
  remember();
}
const remember = () => keep("tab", key, JSON.stringify({ chosen, kinds: [...kinds] }));

/** Whether something else than the decision narrows the list. */
export const narrowed = () => kinds.size > 0 || ["risk", "section", "point", "source", "text"].some((name) => chosen[/** @type {Choice} */ (name)] !== "");

/** @param {Finding} one */
const kindFits = (one) => kinds.size === 0 || kinds.has(one.type) || (kinds.has("mine") && one.own);
/** @param {Finding} one */
const searched = (one) => [one.category, one.description, one.suggestion, one.quote, one.note].join("\n").toLowerCase();

/** Everything but the decision. @param {Finding} one */
export function matterFits(one) {
  const { risk, section, point, source, text } = chosen;
  return kindFits(one)
    && (risk === "" || one.risk_level === risk)
    && (section === "" || one.section_id === section)
    && (point === "" || one.hawkeye_refs.includes(Number(point)))
    && (source === "" || one.sources.includes(source))
    && (text === "" || searched(one).includes(text.toLowerCase()));
}
/** @param {Finding} one */
export const fits = (one) => matterFits(one) && (chosen.decision === "all" || one.decision === chosen.decision);

/** @param {Finding} a @param {Finding} b */
const byStrength = (a, b) => strength[a.type] - strength[b.type] || riskStrength[a.risk_level] - riskStrength[b.risk_level];

/** @param {Finding[]} list in reading order */
export function ordered(list) {
  if (chosen.sort === "reading") return list;
  if (chosen.sort === "all") return list.toSorted(byStrength);
  const order = new Map();
  for (const { section_id: id } of list) if (!order.has(id)) order.set(id, order.size);
  return list.toSorted((a, b) => order.get(a.section_id) - order.get(b.section_id) || byStrength(a, b));
}
/** Whether the list is cut by section. */
export const bySection = () => chosen.sort !== "all";
