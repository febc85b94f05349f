/** "Tell me when done": a notification of the browser, asked for by the reader, for a page nobody is looking at. */
import { documentName, followed, isLoaded, onReview } from "./review.mjs";
import { counted, isActive } from "./words.mjs";

const possible = () => "Notification" in window && Notification.permission !== "denied";
const wanted = () => "Notification" in window && Notification.permission === "granted";

/** @param {HTMLElement} button */
export function mount(button) {
  let running = false;
  button.addEventListener("click", async () => {
    await Notification.requestPermission();
    draw();
  });

  function tell() {
    const failed = followed().filter(({ status }) => status === "failed").length;
    const body = failed > 0 ? `${counted(failed, "section")} failed and can be run again.` : "Every section that was asked for is reviewed.";
    const note = new Notification(`Reviewed: ${documentName()}`, { body, tag: location.pathname });
    note.addEventListener("click", () => { window.focus(); note.close(); });
  }
  function draw() {
    const now = followed().some(({ status }) => isActive(status));
    if (running && !now && document.hidden && wanted()) tell();
    running = now;
    button.hidden = !now || !possible() || wanted();
  }
  onReview(({ kind }) => { if (isLoaded() && kind !== "finding") draw(); });
}
