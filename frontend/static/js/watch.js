/* Follows a job until it ends: server-sent events, and polling with a growing pause where they do not come through. */

import { openEvents, readJob } from "./api.js";
import { isOver } from "./store.js";

const LONGEST_SILENCE_MS = 3000; // the stream begins with the job; if it does not, a proxy holds it back until it ends
const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15000;
const LOOKS_PER_LIFE = 12; // each look may cost the studio a fee: the longer a job waits or is painted, the rarer

/** Calls `tell(job)` with every news and `lost()` when a question got no answer, until the end or until `signal` aborts. */
export function watch(id, { tell, lost, signal }) {
  const stream = openEvents(id);
  const close = () => {
    clearTimeout(silence);
    stream.close();
  };
  const giveUp = () => {
    close();
    if (!signal.aborted) poll(id, { tell, lost, signal });
  };
  const silence = setTimeout(giveUp, LONGEST_SILENCE_MS);
  signal.addEventListener("abort", close);
  stream.addEventListener("job", ({ data }) => {
    clearTimeout(silence);
    const job = JSON.parse(data);
    if (isOver(job)) close();
    tell(job);
  });
  stream.addEventListener("error", giveUp);
}

async function poll(id, { tell, lost, signal }) {
  let began = performance.now();
  let status = null;
  while (!signal.aborted) {
    const job = await readJob(id).catch(lost);
    if (signal.aborted) return;
    if (job) tell(job);
    if (job && isOver(job)) return;
    if (job && job.status !== status) [began, status] = [performance.now(), job.status];
    await new Promise((resume) => setTimeout(resume, pauseMs(performance.now() - began)));
  }
}

const pauseMs = (ageMs) => Math.min(Math.max(ageMs / LOOKS_PER_LIFE, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
