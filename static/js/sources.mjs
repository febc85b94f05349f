/** Who said a finding: a model by its name, rules that answered in a model's place by what they are. */
import { section, sections } from "./review.mjs";

/** @param {import("./review.mjs").Finding} finding @returns {string} */
export function sourceWords({ sources, section_id: id }) {
  return [...new Set(sources.map((source) => sourceName(source, id)))].join(" + ");
}

/** @param {string} source a model id, "rules" or "reviewer" @param {string} sectionId where it was said */
export function sourceName(source, sectionId) {
  if (source === "rules" || source === "reviewer") return source;
  const answers = [section(sectionId), ...sections()].map((one) => one?.answered_by);
  const by = answers.find((answer) => answer?.model_id === source);
  if (by?.brain === "rules") return "rules";
  return by?.model_used || source;
}
