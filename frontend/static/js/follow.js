/* Follows every job of the page that has not ended: the one on the canvas by a stream, others by asking.
 *
 * A browser opens six connections to a host, over all its tabs: so a tab that is not looked at holds no stream. */

import { isOver } from "./store.js";
import { ask, watch } from "./watch.js";

const MOST = 6; // followed beside the one on the canvas; the others have their turn when one of these has ended

/** Returns follow(state), which begins and ends followings so that they are those that this state asks for.
 * `tell(job)` hears the news, `lost(id, error)` of questions that got no answer. */
export function follower({ tell, lost }) {
  const followed = new Map(); // id -> { way, ends: AbortController }

  function begin(id, way) {
    const ends = new AbortController();
    followed.set(id, { way, ends });
    way(id, { tell, lost: (error) => lost(id, error), signal: ends.signal });
  }

  return function follow(state) {
    const wanted = ways(state);
    for (const [id, { way, ends }] of followed) {
      if (wanted.get(id) === way) continue;
      ends.abort();
      followed.delete(id);
    }
    for (const [id, way] of wanted) if (!followed.has(id)) begin(id, way);
  };
}

function ways({ opening, job, easels }) {
  const shown = opening ?? (job && !isOver(job) ? job.id : null);
  const others = easels.filter((other) => !isOver(other) && other.id !== shown).slice(0, MOST);
  const way = document.hidden ? ask : watch;
  return new Map([...(shown ? [[shown, way]] : []), ...others.map(({ id }) => [id, ask])]);
}
