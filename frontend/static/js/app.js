/* What happens when: visitors' deeds and the server's news change the store, the store what is shown and followed. */

import * as api from "./api.js";
import { follower } from "./follow.js";
import { fillForm, focusFirstError, mountForm, onReturn, readForm, startFrom, write } from "./form.js";
import { hang } from "./gallery.js";
import { hook } from "./hooks.js";
import { t } from "./i18n.js";
import { showEta } from "./label.js";
import { share } from "./share.js";
import { address, addressed, Store } from "./store.js";
import * as views from "./views.js";

const SERIES = 4; // pictures of "more like this"
const PAINTER_MS = 10_000; // between two looks for a painter, while none is here or nobody says so

const store = new Store();
const form = document.getElementById("order");
const gallery = document.getElementById("gallery");
const otherTabs = channel();
const follow = follower({ tell, lost });

/** To this visitor's other tabs; null where the browser keeps nothing, and so lets none hear of another. */
function channel() {
  try {
    return new BroadcastChannel("text2art");
  } catch {
    return null;
  }
}

/** Runs `work`; a refusal by the server becomes the problem that the page shows. */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
    store.change({ problem: error });
    focusFirstError();
  }
}

/** What a button of the label does with the job there, once at a time. */
function does(name, work) {
  hook(name).addEventListener("click", async ({ currentTarget: button }) => {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    store.change({ problem: null });
    await attempt(() => work(store.state.job)).finally(() => (button.ariaBusy = "false"));
  });
}

// --- what is on the canvas ---

/** What it shows, or will as soon as it is here: a job's id; null for the form. Who waited for an answer looks whether the
 * visitor went on meanwhile. */
const shown = () => store.state.opening ?? store.state.job?.id ?? null;

function look(job) {
  address(job.id);
  store.show(job);
  views.focusStatus();
}

function leave() {
  address(null);
  store.clear();
}

/** Shows what the address asks for, or the empty canvas. */
function open() {
  const asked = addressed();
  const known = store.state.easels.find(({ id }) => id === asked?.id);
  if (asked?.way === "job" && known) return store.show(known);
  store.clear();
  store.change({ opening: asked?.id ?? null });
}

/** The job that the address asks for has come. */
function arrive(job) {
  const { way } = addressed();
  if (way === "job") return store.show(job);
  store.clear();
  history.replaceState(null, "", "/"); // a reload keeps the form as it was changed since
  if (way === "remix") return remix(job);
  return attempt(() => beginFrom(job));
}

function tell(job) {
  const { job: onCanvas, easels, opening } = store.state;
  if (opening === job.id) return arrive(job);
  const before = [onCanvas, ...easels].find((known) => known?.id === job.id);
  store.tell(job);
  if (job.status === "done" && job.public && before?.status !== "done") hang(gallery);
}

function lost(id, error) {
  if (!(error instanceof api.ApiError)) throw error;
  if (error.status === 404) return gone(id, error.message);
  if (shown() === id) store.change({ lost: true });
}

function gone(id, message) {
  if (takeDown(id)) store.change({ problem: { message, fields: {} } });
}

/** Shows a job no more; whether it was on the canvas. */
function takeDown(id) {
  const wasShown = shown() === id;
  store.forget(id);
  if (wasShown) leave();
  return wasShown;
}

// --- orders ---

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (store.state.sending) return;
  store.change({ sending: true, problem: null });
  attempt(order).finally(() => store.change({ sending: false }));
});

async function order() {
  const { start_image, ...fields } = readForm(form);
  const start = start_image && { start_image: start_image instanceof File ? await upload(start_image) : start_image };
  const wanted = { ...fields, ...start };
  const [first] = store.state.times > 1 ? await orderSeries(wanted) : [await orderOne(wanted)];
  if (shown() === null) look(first);
}

async function upload(file) {
  try {
    return await api.uploadStartImage(file);
  } catch (error) {
    if (![413, 415, 422].includes(error.status)) throw error;
    const message = error.fields.file ?? error.message;
    throw new api.ApiError(message, error.status, { start_image: message });
  }
}

async function orderOne(wanted) {
  const job = await api.submit(wanted);
  store.tell(job);
  spread({ changed: job.id });
  return job;
}

/** The same again, each from another seed. Those that were taken before one is refused are in the tray. */
async function orderSeries(wanted) {
  const jobs = [];
  for (const seed of crypto.getRandomValues(new Uint32Array(SERIES))) jobs.push(await orderOne({ ...wanted, seed }));
  return jobs;
}

/** A job's recipe for another order. Only who published a picture publishes the next one like it without being asked. */
const recipeOf = ({ recipe, mine }) => ({ ...recipe, public: recipe.public && mine });

const withoutStart = ({ recipe }) => (recipe.start_image ? t("It began from a picture, which is not part of its recipe.") : null);

function remix(job) {
  leave();
  fillForm(form, recipeOf(job));
  store.change({ note: withoutStart(job) });
  form.elements.prompt.focus();
}

async function beginFrom(job) {
  const here = shown();
  const start_image = await api.startImageOf(job.id);
  if (shown() !== here) return;
  leave();
  fillForm(form, { ...recipeOf(job), seed: null });
  startFrom(form, { start_image, picture: job.links.picture });
  form.elements.prompt.select();
}

async function moreLikeThis(job) {
  const email = form.elements.email;
  if (!email.value || !email.validity.valid) return askForAddress(job);
  const { start_image, ...recipe } = recipeOf(job);
  const jobs = await orderSeries({ ...recipe, email: email.value });
  if (shown() !== job.id) return;
  hook("told").textContent = [t("{n} more like it are on your easels.", { n: jobs.length }), withoutStart(job)].join(" ");
  views.revealTold();
}

function askForAddress(job) {
  remix(job);
  store.change({ times: SERIES, note: t("Say where the pictures go, and {n} like it will be painted.", { n: SERIES }) });
  form.elements.email.focus();
}

form.addEventListener("change", ({ target }) => {
  if (target.name === "aspect") store.change({ aspect: target.value });
});

hook("clear").addEventListener("click", () => store.change({ note: null, times: 1 }));

// --- the label beside the canvas ---

does("cancel", async ({ id }) => changed(await api.cancel(id)));
does("retry", async (job) => (job.mine ? changed(await api.retry(job.id)) : remix(job)));
does("remix", remix);
does("start-from", beginFrom);
does("more-like-this", moreLikeThis);
does("share", async ({ id, prompt, links }) => {
  const url = new URL(links.page ?? `/?${new URLSearchParams({ job: id })}`, location.href).href;
  await share({ url, title: prompt }, hook("told"));
  views.revealTold();
});

function changed(job) {
  store.tell(job);
  spread({ changed: job.id });
  if (shown() === job.id) hook("status").focus({ preventScroll: true }); // the button that was pressed may be gone
}

does("another", () => {
  leave();
  write(form, "");
});

does("delete", async (job) => {
  if (await views.askToDelete()) await remove(job);
});

async function remove(job) {
  await api.remove(job.id);
  spread({ deleted: job.id });
  if (job.public) hang(gallery);
  if (!takeDown(job.id)) return;
  store.change({ note: t("The picture is deleted.") });
  form.elements.prompt.focus();
}

// --- the tray, and other tabs of the same visitor ---

hook("easels").addEventListener("click", ({ target }) => {
  const id = target.closest("[data-easel]")?.dataset.easel;
  if (id) look(store.state.easels.find((job) => job.id === id));
});

let timesAsked = 0;

/** The tray is a courtesy: where the server does not tell it, it holds what was ordered here. */
async function readMine() {
  const asked = (timesAsked += 1);
  try {
    const { jobs } = await api.readMine();
    if (asked === timesAsked) store.tellMine(jobs); // an older answer does not know what was done since
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
  }
}

/** Something was done to a job: other tabs hear of it, and an answer that is on its way here is out of date. */
function spread(news) {
  otherTabs?.postMessage(news);
  readMine();
}

otherTabs?.addEventListener("message", ({ data }) => (data.deleted ? gone(data.deleted, t("The picture is deleted.")) : readMine()));

// --- beginning ---

store.addEventListener("change", ({ detail }) => {
  views.show(detail.state, detail.before);
  follow(detail.state);
});

addEventListener("popstate", () => {
  if ((addressed()?.id ?? null) === shown()) return; // links within the page come here too
  open();
  if (store.state.job) views.focusStatus();
});

document.addEventListener("visibilitychange", () => {
  follow(store.state);
  if (!document.hidden) readMine();
});

for (const event of ["online", "offline"]) addEventListener(event, () => store.change({ online: navigator.onLine }));
addEventListener("online", readMine);
setInterval(() => showEta(store.state), 1000);

const readChoices = async () => store.change({ choices: await api.readChoices() });

async function readChoicesAgain() {
  await readChoices().catch((error) => {
    if (!(error instanceof api.ApiError)) throw error;
  });
}

mountForm(form);
onReturn(readChoicesAgain);
addEventListener("online", readChoicesAgain);
setInterval(() => {
  if (!document.hidden && !store.state.choices?.painters) readChoicesAgain();
}, PAINTER_MS);
views.show(store.state, null);
open();
hang(gallery);
readMine();
attempt(readChoices);
