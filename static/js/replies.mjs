/** The conversation under a finding: replies in order, one's own can be removed, and it can be resolved. */
import { json } from "./api.mjs";
import { toastFailure } from "./announce.mjs";
import { draftOf, keepDraft, replyDraft } from "./drafts.mjs";
import { el, icon } from "./dom.mjs";
import { linkButton } from "./notices.mjs";
import { userId, who } from "./people.mjs";
import { address, canDecide, changed, store } from "./review.mjs";
import { ago, counted, fullTime } from "./words.mjs";

/** @typedef {import("./review.mjs").Finding} Finding */

/** Conversations opened by hand. @type {Set<string>} */
const opened = new Set();

/** @param {string} method @param {string} tail @param {object} [body] @param {() => void} [saved] before it is drawn */
async function ask(method, tail, body, saved = () => {}) {
  try {
    store(await json(method, address(`/findings/${tail}`), { body }));
    saved();
    changed("finding");
  } catch (error) {
    toastFailure("Not saved", error);
  }
}

/** @param {Finding} finding @param {Finding["replies"][number]} reply */
function line({ id }, reply) {
  const remove = reply.by === userId && canDecide() && linkButton("Remove", () => ask("DELETE", `${id}/replies/${reply.id}`));
  const at = new Date(reply.at);
  return el("li", {},
    el("p", { class: "reply-head" }, el("b", {}, who(reply.by)), " ",
      el("time", { datetime: reply.at, title: fullTime.format(at) }, ago(at)), remove || ""),
    el("p", { class: "reply-text" }, reply.text));
}

/** @param {Finding} finding */
function composer({ id, category }) {
  const name = replyDraft(id);
  const box = /** @type {HTMLTextAreaElement} */ (el("textarea", { class: "input", rows: 2, maxlength: 4000, required: true, "aria-label": `Reply to: ${category}`, "data-draft": name }));
  box.value = draftOf(name) ?? "";
  box.addEventListener("input", () => keepDraft(name, box.value || undefined));
  const form = /** @type {HTMLFormElement} */ (el("form", { class: "reply-form" }, box, el("button", { class: "button", type: "submit", "data-size": "s" }, "Reply")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (text !== "") ask("POST", `${id}/replies`, { text }, () => keepDraft(name, undefined));
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return form;
}

/** Nothing where there is nothing to read and nobody may write. @param {Finding} finding */
export function thread(finding) {
  const { id, replies, resolved } = finding;
  if (!canDecide() && replies.length === 0) return false;
  const about = replies.length === 0 ? "Reply" : counted(replies.length, "reply", "replies");
  const open = opened.has(id) || draftOf(replyDraft(id)) !== undefined || (replies.length > 0 && !resolved);
  const toggle = linkButton(resolved ? "Open again" : "Resolve", () => {
    opened.delete(id);
    ask("PUT", `${id}/resolved`, { resolved: !resolved });
  });
  const box = el("details", { class: "thread", open },
    el("summary", {}, icon("comment"), resolved ? `${about}, resolved` : about),
    replies.length > 0 && el("ol", { role: "list" }, ...replies.map((reply) => line(finding, reply))),
    canDecide() && composer(finding),
    canDecide() && replies.length > 0 && el("p", {}, toggle));
  box.addEventListener("toggle", () => {
    if (!(/** @type {HTMLDetailsElement} */ (box).open)) { opened.delete(id); return; }
    opened.add(id);
    // Who has pressed Reply types next: the page would take the letters for its single keys.
    if (replies.length === 0 && document.activeElement === box.firstElementChild) box.querySelector("textarea")?.focus();
  });
  return box;
}
