/** What the model thought before it answered, read when somebody asks for it. */
import { json } from "./api.mjs";
import { el } from "./dom.mjs";
import { section } from "./review.mjs";

/** Of each task, once. @type {Map<string, string>} */
const thoughts = new Map();

/** @param {string} taskId @param {HTMLElement} place */
async function read(taskId, place) {
  try {
    const { result } = await json("GET", `/task_status/${taskId}`);
    thoughts.set(taskId, result?.thinking || "The model gave no reasoning with this answer.");
    place.textContent = thoughts.get(taskId) ?? "";
  } catch (error) {
    place.textContent = `${/** @type {any} */ (error).title}. Close this and open it again.`;
  }
}

/** Of a section that a model has answered, else false. @param {string} sectionId @param {string} about @returns {Node|false} */
export function reasoning(sectionId, about) {
  const { task_id: taskId, answered_by: by } = section(sectionId) ?? {};
  if (!taskId || !by || by.brain === "rules") return false;
  const text = el("p", { class: "thinking" }, thoughts.get(taskId) ?? "Reading…");
  const box = /** @type {HTMLDetailsElement} */ (el("details", { class: "provenance" }, el("summary", {}, about, " Show the reasoning"), text));
  box.addEventListener("toggle", () => { if (box.open && !thoughts.has(taskId)) read(taskId, text); });
  return box;
}
