/** The one way to the server: JSON in, JSON out, every failure as a Problem with words for a person. */

const limitMs = 30_000;

/** An error of the server (RFC 9457) or of the way to it. */
export class Problem extends Error {
  /** @param {{status?: number, code?: string, title?: string, detail?: string, next_step?: string,
   *           correlation_id?: string, current?: object, retryAfterS?: number}} body */
  constructor(body) {
    super(body.title ?? "Something went wrong");
    this.status = body.status ?? 0;
    this.code = body.code ?? "internal/unexpected";
    this.title = body.title ?? "Something went wrong";
    this.detail = body.detail ?? "";
    this.nextStep = body.next_step ?? "";
    this.reference = body.correlation_id ?? "";
    this.current = body.current;
    this.retryAfterS = body.retryAfterS ?? 0;
  }
}

const noAnswer = {
  code: "network/unreachable",
  title: "AI-Prism did not answer",
  detail: "The request may not have arrived.",
  next_step: "Check that AI-Prism is running and that you are online, then try again.",
};
/** The request never arrived or no answer came back. */
export const unreachable = () => new Problem(noAnswer);

const token = /** @type {HTMLMetaElement|null} */ (document.querySelector("meta[name=form-token]"))?.content;
/** The header that requests which change something carry where somebody is signed in. */
export const formToken = () => (token ? { "X-Form-Token": token } : {});

/**
 * @param {string} method @param {string} url
 * @param {{body?: object, headers?: Record<string, string>, signal?: AbortSignal, keepalive?: boolean}} options
 * @returns {Promise<Response>} 2xx or 304; anything else is thrown as a Problem
 */
export async function send(method, url, { body, headers = {}, signal, keepalive = false } = {}) {
  const answer = await arrive(url, {
    method,
    keepalive,
    headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json" }), ...formToken(), ...headers },
    body: body && JSON.stringify(body),
    signal: signal ?? AbortSignal.timeout(limitMs),
  });
  if (!answer.ok && answer.status !== 304) throw await problemOf(answer);
  return answer;
}

/** @param {string} method @param {string} url @param {object} [options] @returns {Promise<any>} */
export async function json(method, url, options) {
  const answer = await send(method, url, options);
  return answer.json();
}

/** @param {string} url @param {RequestInit} options */
async function arrive(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

/** @param {Response} answer */
async function problemOf(answer) {
  const retryAfterS = Number(answer.headers.get("Retry-After")) || 0;
  return problemFrom(await answer.text(), { status: answer.status, retryAfterS });
}

/** A Problem from the text of an answer; a proxy in between may have sent something else than JSON.
 * @param {string} text @param {{status: number, retryAfterS?: number}} about */
export function problemFrom(text, about) {
  try {
    const body = JSON.parse(text);
    return new Problem({ ...body, ...about });
  } catch {
    return new Problem({ ...noAnswer, ...about, detail: `It answered with status ${about.status}.` });
  }
}
