/* What the page knows. Only the store changes it, and announces each change with the state before and after. */

export const isOver = (job) => ["done", "failed", "cancelled"].includes(job.status);

const START = {
  choices: null, // what the form offers
  aspect: "square", // of the empty canvas
  sending: false, // an order is on its way
  problem: null, // { message, fields } of the last refusal
  opening: null, // id of a job that the address names and that is not here yet
  job: null, // the job on the canvas
  lost: false, // news of the job do not come through
  face: "picture", // which of picture and film a narrow page shows
  gallery: { jobs: [], next: null, loaded: false, problem: null },
};

export class Store extends EventTarget {
  state = START;

  change(part) {
    const before = this.state;
    this.state = { ...before, ...part };
    this.dispatchEvent(new CustomEvent("change", { detail: { state: this.state, before } }));
  }

  setJob(job) {
    this.change({ job, opening: null, sending: false, problem: null, lost: false });
  }

  clearJob() {
    this.change({ job: null, opening: null, problem: null, lost: false, face: "picture" });
  }

  addGalleryPage({ jobs, next }, fresh) {
    const hanging = fresh ? [] : this.state.gallery.jobs;
    this.change({ gallery: { jobs: [...hanging, ...jobs], next, loaded: true, problem: null } });
  }

  setGalleryProblem(problem) {
    this.change({ gallery: { ...this.state.gallery, problem } });
  }
}

/** The job that the page's address names, so that a reload resumes it; null when none. */
export const jobInAddress = () => new URLSearchParams(location.search).get("job");

export function putJobInAddress(id) {
  if (id === jobInAddress()) return;
  history.pushState(null, "", id === null ? "/" : `/?${new URLSearchParams({ job: id })}`);
}
