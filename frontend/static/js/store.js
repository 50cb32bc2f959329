/* What the page knows. Only the store changes it, and announces each change with the state before and after. */

const LATELY_MS = 24 * 60 * 60 * 1000;
const MOST_EASELS = 12;

export const isOver = (job) => ["done", "failed", "cancelled"].includes(job.status);

const START = {
  choices: null, // what the form offers
  aspect: "square", // of the empty canvas
  sending: false, // an order is on its way
  problem: null, // { message, fields, status } of the last refusal
  note: null, // what the visitor should know about the form as it is filled
  times: 1, // how many pictures the next order is for
  opening: null, // id of a job that the address names and that is not here yet
  job: null, // the job on the canvas
  heard: 0, // when the last news of it came, in milliseconds of performance.now()
  scores: [], // { step, score } of it, as far as this page has seen it being painted
  easels: [], // the visitor's own jobs: those that have not ended, and those that ended lately; newest first
  online: navigator.onLine,
  lost: false, // news of the job on the canvas do not come through
};

const EMPTY = { job: null, opening: null, scores: [], problem: null, note: null, times: 1, lost: false };

export class Store extends EventTarget {
  state = START;

  change(part) {
    const before = this.state;
    this.state = { ...before, ...part };
    this.dispatchEvent(new CustomEvent("change", { detail: { state: this.state, before } }));
  }

  /** Puts a job on the canvas. */
  show(job) {
    this.change({ ...EMPTY, ...this.#news(job), easels: this.#easelsWith([job]) });
  }

  /** News of a job, wherever the page shows it. */
  tell(job) {
    const { job: shown, opening } = this.state;
    if (opening === job.id) return this.show(job);
    this.change({ ...(shown?.id === job.id && { ...this.#news(job), lost: false }), easels: this.#easelsWith([job]) });
  }

  /** The visitor's jobs as the server knows them. */
  tellMine(jobs) {
    this.change({ easels: jobs.filter(isLately) });
  }

  clear() {
    this.change(EMPTY);
  }

  forget(id) {
    this.change({ easels: this.state.easels.filter((job) => job.id !== id) });
  }

  #news(job) {
    const { job: shown, scores } = this.state;
    const goesOn = shown?.id === job.id && job.status !== "queued";
    return { job, heard: performance.now(), scores: withScore(goesOn ? scores : [], job) };
  }

  #easelsWith(jobs) {
    const mine = jobs.filter((job) => job.mine && isLately(job));
    const others = this.state.easels.filter((old) => !jobs.some((job) => job.id === old.id));
    return [...others, ...mine].sort((one, other) => (one.created_at < other.created_at ? 1 : -1)).slice(0, MOST_EASELS);
  }
}

function withScore(scores, { progress }) {
  if (!progress || progress.step === scores.at(-1)?.step) return scores;
  return [...scores.filter(({ step }) => step < progress.step), progress];
}

const isLately = ({ finished_at }) => !finished_at || Date.now() - Date.parse(finished_at) < LATELY_MS;

/** What the page's address asks for, so that a reload finds it again: { way: "job" | "remix" | "start", id }, or null. */
export function addressed() {
  const asked = new URLSearchParams(location.search);
  const way = ["job", "remix", "start"].find((name) => asked.get(name));
  return way ? { way, id: asked.get(way) } : null;
}

/** Makes the address ask for a job; null: for the empty canvas. */
export function address(id) {
  const search = id === null ? "" : `?${new URLSearchParams({ job: id })}`;
  if (search !== location.search) history.pushState(null, "", `/${search}`);
}
