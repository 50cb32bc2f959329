/* The only place that talks to the server: JSON in, JSON and pages out, every refusal an ApiError that a visitor can read. */

// Said instead of the server's words, which are for programs.
const OUR_WORDS = {
  404: "There is no such picture here any more.",
  413: "That is larger than the studio accepts. A picture to start from may have up to 5 MB.",
};

// Said when the answer has no words, as those of proxies have not.
const WORDLESS = {
  429: "Those were many orders at once. Please wait a moment and try again.",
  503: "The studio is closed for a moment. Please try again shortly.",
};

/** `status` is the HTTP status, 0 when the server was not reached; `fields` maps names of form fields to messages. */
export class ApiError extends Error {
  constructor(message, status = 0, fields = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

async function ask(path, options) {
  const answer = await reached(fetch(path, options));
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

/** What is cut on its way, or comes from somebody else, as from a hotel that wants a room number first, is no answer. */
async function reached(promise) {
  try {
    return await promise;
  } catch {
    throw new ApiError("The studio cannot be reached. Is the connection up?");
  }
}

const request = async (path, options) => reached((await ask(path, options)).json());

/** A page of ours as a Document, which runs no script. */
export async function readPage(path) {
  return new DOMParser().parseFromString(await reached((await ask(path)).text()), "text/html");
}

async function refusal(answer) {
  const { detail } = await answer.json().catch(() => ({}));
  const { status } = answer;
  const words = typeof detail === "string" ? detail : WORDLESS[status];
  const message = OUR_WORDS[status] ?? words ?? `The studio could not do that (${status}).`;
  return new ApiError(message, status, Array.isArray(detail) ? byField(detail) : {});
}

const byField = (problems) => Object.fromEntries(problems.toReversed().map(({ field, message }) => [field, message]));

const post = (path, body) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const address = (id) => `/api/jobs/${encodeURIComponent(id)}`;

export const readChoices = () => request("/api/choices");
export const submit = (order) => post("/api/jobs", order);
export const readJob = (id) => request(address(id));
export const readMine = () => request("/api/me/jobs");
export const cancel = (id) => post(`${address(id)}/cancel`);
export const retry = (id) => post(`${address(id)}/retry`);
export const remove = (id) => ask(address(id), { method: "DELETE" });
export const openEvents = (id) => new EventSource(`${address(id)}/events`);

/** Likes a picture of the gallery, or no longer; returns { likes, liked }. */
export const like = (id, liked) =>
  request(`/api/gallery/${encodeURIComponent(id)}/like`, { method: liked ? "POST" : "DELETE", keepalive: true });

/** A finished job's picture as one to start from; returns its shelf key. */
export const startImageOf = async (id) => (await post(`${address(id)}/start-image`)).start_image;

const uploaded = new WeakMap();

/** Uploads a file once and returns its shelf key. */
export async function uploadStartImage(file) {
  if (!uploaded.has(file)) {
    const body = new FormData();
    body.append("file", file);
    const { start_image } = await request("/api/start-images", { method: "POST", body });
    uploaded.set(file, start_image);
  }
  return uploaded.get(file);
}
