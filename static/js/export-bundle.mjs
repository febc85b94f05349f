/** The review bundle into storage; says what is there once every file is confirmed. */
import { json, Problem } from "./api.mjs";
import { el, part, setText } from "./dom.mjs";
import { problemNotice } from "./notices.mjs";
import { size } from "./words.mjs";

const exportLimitMs = 120_000;

/** @param {HTMLElement} row */
export function mount(row) {
  const button = part(row, "export");
  const place = part(row, "exported");
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    setText(place, "Writing and checking every file…");
    try {
      const signal = AbortSignal.timeout(exportLimitMs);
      const { files, folder } = await json("POST", `/sessions/${document.body.dataset.session}/export`, { signal });
      const total = files.reduce((/** @type {number} */ sum, /** @type {any} */ file) => sum + file.size_bytes, 0);
      place.replaceChildren(`${files.length} files, ${size(total)}, are in storage, each read back and confirmed, in `, el("code", {}, folder));
    } catch (error) {
      place.replaceChildren(problemNotice(error instanceof Problem ? error : new Problem({})));
    }
    button.removeAttribute("aria-disabled");
  });
}
