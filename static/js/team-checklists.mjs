/** The team's checklists: which one new reviews use, and adding one from a file. */
import { say } from "./announce.mjs";
import { formToken, Problem, problemFrom, send, unreachable } from "./api.mjs";
import { part, setText } from "./dom.mjs";

/** @param {File} file */
async function upload(file) {
  const form = new FormData();
  form.append("checklist", file, file.name);
  const answer = await fetch("/team/checklists", {
    method: "PUT",
    body: form,
    headers: { Accept: "application/json", ...formToken() },
  }).catch(() => { throw unreachable(); });
  if (!answer.ok) throw problemFrom(await answer.text(), { status: answer.status });
}

/** @param {HTMLElement} section */
export function mount(section) {
  const notice = part(section, "notice");

  /** @param {() => Promise<void>} work */
  async function attempt(work) {
    setText(notice, "");
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setText(notice, `${error.title}. ${error.detail} ${error.nextStep}`);
    }
  }

  section.addEventListener("change", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    if (input.name === "default") {
      attempt(async () => {
        await send("PUT", "/team/checklists", { body: { default: input.value } });
        say("New reviews use this checklist.");
      });
    } else if (file) {
      attempt(async () => {
        await upload(file);
        location.reload();
      }).finally(() => { input.value = ""; });
    }
  });
}
