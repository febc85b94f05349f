/** Replay, delete, purge, restore, edit: a dry run that says what would happen, a reason, one confirmation, then the report. */
import { json, Problem } from "./api.mjs";
import { toast } from "./announce.mjs";
import { open } from "./dialogs.mjs";
import { el, part, setText } from "./dom.mjs";
import { problemNotice } from "./notices.mjs";
import { lookNow } from "./ops-live.mjs";
import { counted } from "./words.mjs";

const verbs = { replay: "Replay", delete: "Delete", purge: "Purge", restore: "Restore" };
const would = {
  replayed: "Sent again",
  archived: "Archived, then out of the list",
  taken: "Left: run again already by their user or another operator",
  gone: "Cannot go: no failed task any more, delete them",
  frozen: "Left: their review is signed off",
  restored: "Back in the list",
};
/** @param {number} count */
const letters = (count) => counted(count, "dead letter");

/**
 * @typedef {object} Plan a dry run
 * @property {string} run_id
 * @property {"replay"|"delete"|"purge"|"restore"} action
 * @property {number} selected
 * @property {number} left_out
 * @property {Record<string, number>} would
 * @property {number} unlooked
 * @property {number} minutes
 * @property {Record<string, number>} per_minute
 * @property {Record<string, number>} queues
 * @property {{task_id: string, queue: string, outcome: string}[]} items
 */

/** @param {Plan} plan */
function duration({ minutes, per_minute: pace }) {
  const each = Object.entries(pace).map(([queue, rate]) => `${rate} a minute in ${queue}`).join(", ");
  return `${each}: ${minutes < 1 ? "less than a minute" : `about ${counted(Math.round(minutes), "minute")}`}`;
}

/** @param {Plan} plan */
function drawn(plan) {
  const rows = Object.entries(plan.would).map(([kind, count]) => el("tr", {},
    el("th", { scope: "row" }, would[kind] ?? kind), el("td", { "data-align": "right" }, String(count))));
  const notes = [
    plan.action === "replay" && `Task ids stay, with a fresh retry budget. ${duration(plan)}.`,
    plan.left_out > 0 && `${letters(plan.left_out)} left out: not one of ours, never run.`,
    plan.unlooked > 0 && `${plan.unlooked} more were not looked at one by one; each is when its turn comes.`,
    ["delete", "purge"].includes(plan.action) && "The archive keeps them with your reason; they are found by their ids.",
    plan.action === "purge" && "Messages that are not in the list yet stay: the next sweep lists them.",
  ].filter(Boolean);
  return [
    el("p", {}, "A dry run: nothing was done yet. This is what would happen:"),
    el("table", { class: "table" }, el("caption", { class: "visually-hidden" }, "Dry run"), el("tbody", {}, ...rows)),
    ...notes.map((note) => el("p", { class: "muted" }, /** @type {string} */ (note))),
    el("details", {}, el("summary", {}, plan.items.length < plan.selected ? `The first ${plan.items.length}` : "Which ones"),
      el("ul", { class: "deed-items", tabindex: 0 }, ...plan.items.map((item) => el("li", {}, el("code", {}, item.task_id), ` ${item.queue}`)))),
  ];
}

/** How many letters a confirmation is about. @param {Plan} plan */
const deedCount = ({ would: { replayed = 0, restored = 0, archived = 0 }, unlooked }) => replayed + restored + archived + unlooked;

/**
 * @param {string} action replay, delete, purge or restore @param {object} which as POST /ops/api/letter-runs takes it
 * @param {() => void} done once it was confirmed
 */
export function askDeed(action, which, done) {
  const dialog = open("deed");
  const form = /** @type {HTMLFormElement} */ (part(dialog, "form"));
  const confirm = /** @type {HTMLButtonElement} */ (part(dialog, "confirm"));
  const typed = part(dialog, "typed");
  /** @type {Plan|null} */
  let plan = null;
  form.reset();
  confirm.dataset.variant = ["replay", "restore"].includes(action) ? "primary" : "danger";
  typed.hidden = action !== "purge";
  setText(part(dialog, "queue"), /** @type {{queue?: string}} */ (which).queue ?? "");

  async function dryRun() {
    plan = null;
    confirm.disabled = true;
    setText(confirm, verbs[action]);
    setText(part(dialog, "title"), `${verbs[action]} dead letters`);
    part(dialog, "problem").replaceChildren();
    part(dialog, "plan").replaceChildren(el("p", {}, "Looking at each of them…"));
    try {
      plan = await json("POST", "/ops/api/letter-runs", { body: { ...which, action } });
    } catch (error) {
      part(dialog, "plan").replaceChildren();
      explain(dialog, error);
      return;
    }
    const known = /** @type {Plan} */ (plan);
    const count = deedCount(known);
    setText(part(dialog, "title"), `${verbs[action]} ${letters(known.selected)}`);
    setText(confirm, `${verbs[action]} ${count}`);
    part(dialog, "plan").replaceChildren(...drawn(known));
    confirm.disabled = count === 0;
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    if (!plan) return;
    const { run_id: run } = plan;
    const { reason, confirm: queue } = Object.fromEntries(new FormData(form));
    send(dialog, confirm, async () => {
      const report = await json("POST", `/ops/api/letter-runs/${run}/start`, { body: { reason, confirm: queue } });
      dialog.close();
      done();
      const address = `/ops/runs/${run}`;
      toast(`${report.done} of ${letters(report.selected)} done.`, { label: "Report", act: () => location.assign(address) });
      if (report.state === "under way") location.assign(address);
      else await lookNow();
    });
  };
  part(dialog, "again").onclick = dryRun;
  return dryRun();
}

/** @param {string} letter @param {DOMStringMap} about sessionId and sectionId as they are */
export function askEdit(letter, about) {
  const dialog = open("edit-letter");
  const form = /** @type {HTMLFormElement} */ (part(dialog, "form"));
  form.reset();
  /** @type {HTMLInputElement} */ (form.elements.namedItem("section_id")).value = about.sectionId ?? "";
  /** @type {HTMLInputElement} */ (form.elements.namedItem("session_id")).value = about.sessionId ?? "";
  part(dialog, "problem").replaceChildren();
  form.onsubmit = (event) => {
    event.preventDefault();
    send(dialog, /** @type {HTMLButtonElement} */ (part(dialog, "confirm")), async () => {
      const body = Object.fromEntries(new FormData(form));
      const { task_id: task } = await json("POST", `/ops/api/dead-letters/${letter}/edit`, { body });
      location.assign(`/ops/tasks/${task}`);
    });
  };
}

/**
 * One at a time: a second press while the first is under way does nothing.
 * @param {HTMLElement} dialog @param {HTMLButtonElement} button @param {() => Promise<void>} act
 */
export async function send(dialog, button, act) {
  if (button.disabled) return;
  button.disabled = true;
  part(dialog, "problem").replaceChildren();
  try {
    await act();
  } catch (error) {
    explain(dialog, error);
  }
  button.disabled = false;
}

/** @param {HTMLElement} dialog @param {unknown} error */
function explain(dialog, error) {
  if (!(error instanceof Problem)) throw error;
  part(dialog, "problem").replaceChildren(problemNotice(error));
}
