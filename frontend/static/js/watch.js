/* Follows one job: server-sent events, and asking with a growing pause where they do not come through. */

import { openEvents, readJob } from "./api.js";
import { isOver } from "./store.js";

const FIRST_NEWS_MS = 3000; // the stream begins with the job; if it does not, a proxy holds it back until it ends
const LONGEST_SILENCE_MS = 60_000; // a connection can die unheard; then a new one tells
const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
const LOOKS_PER_LIFE = 12; // each look may cost the studio a fee: the longer a job waits or is painted, the rarer

/** Calls `tell(job)` with every news and `lost(error)` when a question got no answer, until the job has ended or
 * `signal` aborts. */
export async function watch(id, { tell, lost, signal }) {
  let over = false;
  let rest = SHORTEST_PAUSE_MS;
  const hear = (job) => {
    over = isOver(job);
    tell(job);
  };
  while (!over && !signal.aborted) {
    const opened = performance.now();
    if (!(await listen(id, hear, signal))) return ask(id, { tell: hear, lost, signal });
    if (!over) await ask(id, { tell: hear, lost, signal, answers: 1 });
    if (!over) await pause(rest, signal);
    const lasted = performance.now() - opened - rest > LONGEST_PAUSE_MS;
    rest = lasted ? SHORTEST_PAUSE_MS : Math.min(2 * rest, LONGEST_PAUSE_MS); // some proxies cut every stream at once
  }
}

/** Hears the stream out; whether news came through it. */
function listen(id, tell, signal) {
  const stream = openEvents(id);
  const { promise, resolve } = Promise.withResolvers();
  const done = new AbortController();
  let [heard, silence] = [false, 0];
  const end = () => {
    clearTimeout(silence);
    done.abort();
    stream.close();
    resolve(heard);
  };
  stream.addEventListener("job", ({ data }) => {
    heard = true;
    clearTimeout(silence);
    silence = setTimeout(end, LONGEST_SILENCE_MS);
    const job = JSON.parse(data);
    if (isOver(job)) end();
    tell(job);
  });
  stream.addEventListener("error", end);
  signal.addEventListener("abort", end, { signal: done.signal });
  addEventListener("online", end, { signal: done.signal }); // what was open before may be dead
  silence = setTimeout(end, FIRST_NEWS_MS);
  return promise;
}

/** Asks again and again, for a job that has not ended or until so many `answers` came. */
export async function ask(id, { tell, lost, signal, answers = Infinity }) {
  let began = performance.now();
  let status = null;
  while (!signal.aborted) {
    const job = await readJob(id).catch(lost);
    if (signal.aborted) return;
    if (job) tell(job);
    if (job && (isOver(job) || --answers === 0)) return;
    if (job && job.status !== status) [began, status] = [performance.now(), job.status];
    await pause(pauseMs(performance.now() - began), signal);
  }
}

const pauseMs = (ageMs) => Math.min(Math.max(ageMs / LOOKS_PER_LIFE, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);

/** Shorter when the connection comes back, or the visitor does. */
function pause(ms, signal) {
  const { promise, resolve } = Promise.withResolvers();
  const over = new AbortController();
  const end = () => {
    clearTimeout(timer);
    over.abort();
    resolve();
  };
  const timer = setTimeout(end, ms);
  addEventListener("online", end, { signal: over.signal });
  document.addEventListener("visibilitychange", end, { signal: over.signal });
  signal.addEventListener("abort", end, { signal: over.signal });
  return promise;
}
