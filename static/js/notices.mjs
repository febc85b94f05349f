/** A problem as a notice: what happened, what it means, what to do, and the reference to ask with. */
import { el, icon } from "./dom.mjs";

/**
 * @param {import("./api.mjs").Problem} problem
 * @param {{level?: "danger"|"caution"|"info", also?: string, actions?: Node[], heading?: string}} [options]
 */
export function problemNotice(problem, { level = "danger", also = "", actions = [], heading = "h3" } = {}) {
  const ways = problem.code === "auth/required" ? [...actions, signInButton()] : actions;
  const detail = problem.detail && problem.detail !== `${problem.title}.` ? problem.detail : "";
  return el("div", { class: "notice", "data-level": level },
    icon("type-important"),
    el("div", {},
      el(heading, {}, problem.title),
      detail && el("p", {}, detail),
      problem.nextStep && el("p", {}, problem.nextStep),
      also && el("p", {}, also),
      ways.length > 0 && el("p", { class: "notice-actions" }, ...ways),
      problem.reference && el("p", { class: "reference" }, `Reference ${problem.reference}`)));
}

/** @param {string} label @param {() => void} act */
export const linkButton = (label, act) => el("button", { class: "link-button", type: "button", onclick: act }, label);
/** The server leads who is not signed in from any page to the one to sign in, and back. */
export const signInButton = () => linkButton("Sign in", () => location.reload());
