/** What was typed and is not saved yet: kept in this tab, over other cards and reloads, until it is saved or thrown away. */
import { keep, recall } from "./kept.mjs";
import { sessionId } from "./review.mjs";

const key = `drafts:${sessionId}`;
/** @type {Record<string, any>} */
const drafts = JSON.parse(recall("tab", key) ?? "{}");

/** @param {string} name such as "edit:<finding id>" @returns {any} undefined without one */
export const draftOf = (name) => drafts[name];

/** @param {string} name @param {any} draft undefined: saved, or thrown away */
export function keepDraft(name, draft) {
  if (draft === undefined) delete drafts[name];
  else drafts[name] = draft;
  keep("tab", key, JSON.stringify(drafts));
}

/** @param {string} id of a finding */
export const editDraft = (id) => `edit:${id}`;
/** @param {string} id of a finding */
export const replyDraft = (id) => `reply:${id}`;
/** The one finding of one's own that is being written. */
export const ownDraft = "own";
