/** Sends one file. By XMLHttpRequest, because fetch cannot tell how much of a request has left. */
import { formToken, Problem, problemFrom, unreachable } from "./api.mjs";

const mostTries = 6;

/**
 * Tried again for a while where the server reads other documents just then: nothing of the file was kept.
 * @param {string} url
 * @param {File} file sent as the form field "document"
 * @param {{sending: (share: number) => void, reading: () => void, waiting?: () => void}} tell share: 0 to 1 of what
 *   has left
 * @param {Record<string, string|File>} [fields] sent beside it
 * @returns {{done: Promise<any>, cancel: () => void}} done: the answer; rejects with a Problem, or an AbortError
 */
export function postFile(url, file, tell, fields = {}) {
  let sent = sendOnce(url, file, tell, fields);
  let isCancelled = false;
  /** @type {(value?: unknown) => void} */
  let wake = () => {};
  async function untilRead() {
    for (let tries = 1; ; tries += 1) {
      try {
        return await sent.done;
      } catch (error) {
        const isBusy = error instanceof Problem && error.code === "document/reader-busy";
        if (!isBusy || tries === mostTries) throw error;
        tell.waiting?.();
        await new Promise((resolve) => { wake = resolve; setTimeout(resolve, 1000 * (error.retryAfterS || 3)); });
        if (isCancelled) throw cancelled();
        sent = sendOnce(url, file, tell, fields);
      }
    }
  }
  return { done: untilRead(), cancel: () => { isCancelled = true; sent.cancel(); wake(); } };
}

const cancelled = () => new DOMException("Cancelled", "AbortError");

/** @param {string} url @param {File} file @param {{sending: (share: number) => void, reading: () => void}} tell
 * @param {Record<string, string|File>} fields @returns {{done: Promise<any>, cancel: () => void}} */
function sendOnce(url, file, tell, fields) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", ({ loaded, total }) => tell.sending(total ? loaded / total : 0));
    request.upload.addEventListener("load", tell.reading);
    request.addEventListener("load", () => {
      const { status, responseText } = request;
      if (status === 200) resolve(JSON.parse(responseText));
      else reject(problemFrom(responseText, { status, retryAfterS: Number(request.getResponseHeader("Retry-After")) }));
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(cancelled()));
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
