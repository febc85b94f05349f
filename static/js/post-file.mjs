/** Sends one file. By XMLHttpRequest, because fetch cannot tell how much of a request has left. */
import { formToken, problemFrom, unreachable } from "./api.mjs";

/**
 * @param {string} url
 * @param {File} file sent as the form field "document"
 * @param {{sending: (share: number) => void, reading: () => void}} tell share: 0 to 1 of what has left
 * @param {Record<string, string|File>} [fields] sent beside it
 * @returns {{done: Promise<any>, cancel: () => void}} done: the answer; rejects with a Problem, or an AbortError
 */
export function postFile(url, file, tell, fields = {}) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", ({ loaded, total }) => tell.sending(total ? loaded / total : 0));
    request.upload.addEventListener("load", tell.reading);
    request.addEventListener("load", () => {
      const { status, responseText } = request;
      if (status === 200) resolve(JSON.parse(responseText));
      else reject(problemFrom(responseText, { status }));
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
  });
  const form = new FormData();
  form.append("document", file, file.name);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  request.open("POST", url);
  request.setRequestHeader("Accept", "application/json");
  for (const [name, value] of Object.entries(formToken())) request.setRequestHeader(name, value);
  request.send(form);
  return { done, cancel: () => request.abort() };
}
