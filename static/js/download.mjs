/** The reviewed document (or the table of findings) as a file; says what is in it, or why there is none. */
import { Problem, send } from "./api.mjs";
import { toast } from "./announce.mjs";
import { el } from "./dom.mjs";
import { problemNotice } from "./notices.mjs";
import { counts } from "./review.mjs";
import { counted } from "./words.mjs";

const exportLimitMs = 60_000;

/** The name from Content-Disposition (RFC 6266). @param {Response} answer */
function nameOf(answer) {
  const header = answer.headers.get("Content-Disposition") ?? "";
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
  if (extended) return decodeURIComponent(extended);
  return /filename="([^"]+)"/i.exec(header)?.[1] ?? "download";
}

/** @param {Blob} content @param {string} name */
function keep(content, name) {
  const address = URL.createObjectURL(content);
  el("a", { href: address, download: name }).click();
  // The browser reads it after the click; a minute is long enough for that.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** @param {string} kind "docx", "pdf" or "text" */
function said(kind) {
  const { open, accepted, rejected } = counts();
  if (kind === "text") return "Downloaded the findings as a table.";
  const out = [open > 0 && `${open} open`, rejected > 0 && `${rejected} rejected`].filter(Boolean).join(" and ");
  const left = out && ` ${out} left out.`;
  if (accepted === 0) return `Downloaded, but nothing is accepted yet: no comment was added.${left}`;
  return `Downloaded with ${counted(accepted, "comment")}.${left}`;
}

/** @param {Problem} problem */
function explain(problem) {
  const dialog = /** @type {HTMLDialogElement} */ (el("dialog", { class: "dialog", "aria-label": "The download failed" },
    el("div", { class: "dialog-body" }, problemNotice(problem, { heading: "h2" })),
    el("div", { class: "dialog-foot" }, el("button", { class: "button", type: "button", "data-closes": true }, "Close"))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {HTMLElement} link */
export function mount(link) {
  let busy = false;
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    link.setAttribute("aria-disabled", "true");
    try {
      const { href } = /** @type {HTMLAnchorElement} */ (link);
      const signal = AbortSignal.timeout(exportLimitMs);
      const answer = await send("GET", href, { headers: { Accept: "*/*" }, signal });
      keep(await answer.blob(), nameOf(answer));
      toast(said(link.dataset.kind ?? ""));
    } catch (error) {
      explain(error instanceof Problem ? error : new Problem({}));
    }
    busy = false;
    link.removeAttribute("aria-disabled");
  });
}
