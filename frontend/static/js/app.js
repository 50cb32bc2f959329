/* Wires events to the store, and the store to the views. */

import * as api from "./api.js";
import { fillForm, readForm } from "./form.js";
import { isOver, jobInAddress, putJobInAddress, Store } from "./store.js";
import * as views from "./views.js";
import { watch } from "./watch.js";

const store = new Store();
const form = document.getElementById("order");
const prompt = document.getElementById("prompt");
let watching = new AbortController();

const on = (name, event, handler) => document.querySelector(`[data-hook="${name}"]`).addEventListener(event, handler);

/** Runs `work`; a refusal by the server becomes the problem that the page shows. */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
    store.change({ problem: { message: error.message, fields: error.fields }, sending: false, opening: null });
    views.focusFirstError();
  }
}

// --- the job ---

async function order() {
  const { start_image: file, ...fields } = readForm(form);
  const start = file ? { start_image: await uploadStartImage(file) } : {};
  begin(await api.submit({ ...fields, ...start }));
}

async function uploadStartImage(file) {
  try {
    return await api.uploadStartImage(file);
  } catch (error) {
    if (![413, 415, 422].includes(error.status)) throw error;
    const message = error.fields.file ?? error.message;
    throw new api.ApiError(message, error.status, { start_image: message });
  }
}

function begin(job) {
  putJobInAddress(job.id);
  store.setJob(job);
  views.focusStatus();
  follow(job);
}

function follow(job) {
  watching.abort();
  watching = new AbortController();
  if (isOver(job)) return;
  watch(job.id, { tell, lost, signal: watching.signal });
}

function tell(job) {
  store.setJob(job);
  if (job.status === "done" && job.public) hang(true);
}

function lost(error) {
  if (!(error instanceof api.ApiError)) throw error;
  if (error.status !== 404) return store.change({ lost: true });
  leave();
  store.change({ problem: { message: error.message, fields: {} } });
}

function leave() {
  watching.abort();
  putJobInAddress(null);
  store.clearJob();
}

/** Shows the job that the address names, or the empty canvas. */
async function open() {
  const id = jobInAddress();
  watching.abort();
  store.clearJob();
  if (!id) return;
  store.change({ opening: id });
  await attempt(async () => {
    const job = await api.readJob(id);
    if (jobInAddress() !== id) return;
    store.setJob(job);
    follow(job);
  });
}

// --- the gallery ---

async function hang(fresh) {
  const { next } = store.state.gallery;
  try {
    store.addGalleryPage(await api.readGallery(fresh ? null : next), fresh);
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
    store.setGalleryProblem(`The gallery is closed for now. ${error.message}`);
  }
}

// --- the form ---

function write(text) {
  prompt.value = text;
  views.showCounter();
  prompt.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (store.state.sending) return;
  store.change({ sending: true, problem: null });
  attempt(order);
});

form.addEventListener("change", ({ target }) => {
  if (target.name === "aspect") store.change({ aspect: target.value });
  if (target.name === "start_image") views.showStartImage(target.files[0] ?? null);
});

prompt.addEventListener("input", views.showCounter);
prompt.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => write(button.textContent));
}

on("drop-start-image", "click", () => {
  form.elements.start_image.value = "";
  views.showStartImage(null);
  form.elements.start_image.focus();
});

// --- the label beside the canvas ---

on("cancel", "click", () => attempt(async () => store.setJob(await api.cancel(store.state.job.id))));

on("retry", "click", () => {
  const { job } = store.state;
  leave();
  fillForm(form, job);
  store.change({ aspect: job.aspect });
  write(job.prompt);
});

on("another", "click", () => {
  leave();
  write("");
});

on("faces", "click", ({ target }) => {
  if (target.dataset.face) store.change({ face: target.dataset.face });
});

// --- the gallery and its viewer ---

on("more", "click", () => hang(false));
on("wall", "click", ({ target }) => {
  const id = target.closest("[data-picture]")?.dataset.picture;
  if (id) views.openViewer(store.state.gallery.jobs.find((job) => job.id === id));
});
on("viewer", "close", views.emptyViewer);
on("viewer", "click", ({ target, currentTarget }) => {
  if (target === currentTarget) currentTarget.close();
});

// --- beginning ---

store.addEventListener("change", ({ detail }) => views.show(detail.state, detail.before));
addEventListener("popstate", () => {
  const shown = store.state.opening ?? store.state.job?.id ?? null;
  if (jobInAddress() !== shown) open(); // links within the page come here too
});

views.show(store.state, null);
open();
hang(true);
attempt(async () => store.change({ choices: await api.readChoices() }));
