/** Who did what and when, newest first; read anew each time its tab is opened. */
import { json } from "./api.mjs";
import { el, icon, part } from "./dom.mjs";
import { linkButton, problemNotice } from "./notices.mjs";
import { meet, nameOf, who } from "./people.mjs";
import { address, finding } from "./review.mjs";
import { onTab, showTab } from "./tabs.mjs";
import { select } from "./view.mjs";
import { ago, counted, fullTime } from "./words.mjs";

/** @typedef {{id: string, at: string, by: string, deed: string, finding_ids: string[], about: Record<string, any>}} Event */

const symbols = { accepted: "check", rejected: "cross", reopened: "undo", undone: "undo", edited: "edit", added: "plus", removed: "trash", replied: "comment", resolved: "check", signed_off: "lock" };

/** @type {Record<string, (about: Record<string, any>) => string>} */
const deeds = {
  accepted: (about) => `accepted ${what(about)}`,
  rejected: (about) => `rejected ${what(about)}${about.reason ? `: ${about.reason}` : ""}`,
  reopened: (about) => `reopened ${what(about)}`,
  edited: (about) => `edited ${what(about)}`,
  replied: (about) => `replied to ${what(about)}`,
  reply_removed: (about) => `removed a reply to ${what(about)}`,
  resolved: (about) => `resolved the conversation on ${what(about)}`,
  unresolved: (about) => `opened the conversation on ${what(about)} again`,
  added: (about) => `added ${what(about)}`,
  removed: (about) => `removed ${what(about)}`,
  undone: (about) => `took back decisions on ${counted(about.count, "finding")}`,
  shared: ({ user, access }) => `shared the review with ${nameOf(user)}, who may ${access === "decide" ? "decide" : "read"}`,
  unshared: ({ user }) => `stopped sharing with ${nameOf(user)}`,
  handed_over: ({ user }) => `handed the review over to ${nameOf(user)}`,
  outline_changed: ({ actions, sections = [] }) => `changed the outline: ${edits(actions, sections)}`,
  exported: ({ count }) => `exported the review to storage, ${counted(count, "file")}`,
  version_made: ({ name }) => `uploaded a new version: ${name}`,
  signed_off: ({ open }) => `signed the review off with ${counted(open, "finding")} open`,
};
/** @param {string[]} actions @param {string[]} sections their names, one for each action */
const edits = (actions, sections) => actions.map((action, at) => (sections[at] ? `${action} “${sections[at]}”` : action)).join(", ");

/** @param {Record<string, any>} about */
const what = ({ count, category }) => (count ? counted(count, "finding") : `“${category}”`);

/** @param {Event} event */
function line({ at, by, deed, finding_ids: ids, about }) {
  const words = deeds[deed]?.(about) ?? deed.replaceAll("_", " ");
  const [id] = ids;
  const there = ids.length === 1 && finding(id);
  const go = () => { showTab("findings"); select(id, "document"); };
  const when = new Date(at);
  return el("li", {}, icon(/** @type {any} */ (symbols)[deed] ?? "person"),
    el("span", {}, el("b", {}, who(by)), " ", there ? linkButton(words, go) : words),
    el("time", { datetime: at, title: fullTime.format(when) }, ago(when)));
}

/** @param {HTMLElement} panel @param {string} [before] where an older page begins */
async function load(panel, before = "") {
  const [list, tail] = [part(panel, "events"), part(panel, "events-tail")];
  try {
    const { events, next, people } = await json("GET", address(`/activity${before && `?before=${encodeURIComponent(before)}`}`));
    meet(people);
    const drawn = events.map(line);
    if (before) list.append(...drawn);
    else list.replaceChildren(...drawn);
    part(panel, "events-empty").hidden = list.childElementCount > 0;
    tail.replaceChildren(...(next ? [linkButton("Earlier", () => load(panel, next))] : []));
  } catch (error) {
    tail.replaceChildren(problemNotice(/** @type {any} */ (error), { actions: [linkButton("Try again", () => load(panel, before))] }));
  }
}

/** @param {HTMLElement} panel */
export function mount(panel) {
  onTab("activity", () => load(panel));
}
