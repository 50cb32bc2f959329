/* Follows a job until it ends: server-sent events, and polling with a growing pause once the stream breaks. */

import { openEvents, readJob } from "./api.js";
import { isOver } from "./store.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15000;

/** Calls `tell(job)` with every news and `lost()` when a question got no answer, until the end or until `signal` aborts. */
export function watch(id, { tell, lost, signal }) {
  const stream = openEvents(id);
  signal.addEventListener("abort", () => stream.close());
  stream.addEventListener("job", ({ data }) => {
    const job = JSON.parse(data);
    if (isOver(job)) stream.close();
    tell(job);
  });
  stream.addEventListener("error", () => {
    stream.close();
    if (!signal.aborted) poll(id, { tell, lost, signal });
  });
}

async function poll(id, { tell, lost, signal }) {
  let pause = FIRST_PAUSE_MS;
  let known = "";
  while (!signal.aborted) {
    const job = await readJob(id).catch(lost);
    if (signal.aborted) return;
    if (job) tell(job);
    if (job && isOver(job)) return;
    const news = job ? JSON.stringify(job) : known;
    pause = news === known ? Math.min(pause * 1.5, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    known = news;
    await new Promise((resume) => setTimeout(resume, pause));
  }
}
