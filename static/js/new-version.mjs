/** A new version of the document: one file, which becomes the next review. */
import { Problem } from "./api.mjs";
import { part, setText } from "./dom.mjs";
import { problemNotice } from "./notices.mjs";
import { postFile } from "./post-file.mjs";

/** @param {HTMLElement} panel */
export function mount(panel) {
  const input = /** @type {HTMLInputElement} */ (part(panel, "version"));
  const place = part(panel, "uploading");
  let busy = false;
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file || busy) return;
    busy = true;
    const tell = {
      sending: () => setText(place, `Sending ${file.name}…`),
      reading: () => setText(place, "Reading it and looking for the words of this review…"),
    };
    try {
      const { session_id: id } = await postFile(`/sessions/${document.body.dataset.session}/versions`, file, tell).done;
      location.assign(`/review/${encodeURIComponent(id)}`);
    } catch (error) {
      if (error instanceof Problem) place.replaceChildren(problemNotice(error, { also: `${file.name}. Nothing was stored.` }));
      input.focus();
    }
    busy = false;
    input.value = "";
  });
}
