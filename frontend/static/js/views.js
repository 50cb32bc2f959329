/* State -> DOM, one function for each region of the page. Nothing here asks the server or changes the state. */

import { canvas } from "./canvas.js";
import { fill, html } from "./html.js";

const hook = (name) => document.querySelector(`[data-hook="${name}"]`);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const RATIOS = { square: 1, widescreen: 16 / 9, portrait: 4 / 5 }; // of the bare canvas; a picture brings its own

const STATUS_LINES = {
  queued: "Waiting for the easel",
  running: "Being painted",
  done: "Finished",
  failed: "This one did not work out",
  cancelled: "Taken back",
};

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function toggle(name, visible) {
  hook(name).hidden = !visible;
}

/** Shows the regions whose slice of the state changed; all of them when there is no state before. */
export function show(state, before) {
  for (const [slices, view] of REGIONS) {
    if (!before || slices.some((slice) => state[slice] !== before[slice])) view(state, before);
  }
}

function showPhase({ job, opening }) {
  const phase = opening ? "opening" : (job?.status ?? "empty");
  hook("studio").dataset.phase = phase;
  for (const element of all("[data-only=empty]:not(.error)")) element.hidden = phase !== "empty";
  for (const element of all("[data-except=empty]")) element.hidden = phase === "empty" || phase === "opening";
}

function showChoices({ choices }) {
  if (!choices) return;
  for (const [field, options] of [["style", choices.styles], ["quality", choices.qualities], ["aspect", choices.aspects]]) {
    fill(document.querySelector(`[data-options="${field}"]`), html`${options.map((choice, index) => option(field, choice, index))}`);
  }
  document.getElementById("prompt").maxLength = choices.max_prompt;
  say(hook("size-hint"), `${choices.min_side} to ${choices.max_side} each way. Empty: quality and shape decide.`);
  showCounter();
}

function option(field, name, index) {
  const attributes = html`name="${field}" value="${name}"`;
  const mark = field === "aspect" && html`<span class="shape" data-aspect="${name}"></span>`;
  return html`<label class="option"><input type="radio" ${attributes} ${index === 0 && html`checked`}>${mark}<span>${capital(name)}</span></label>`;
}

/** The counter under the prompt, and letters that shrink as the sentence grows. */
export function showCounter() {
  const prompt = document.getElementById("prompt");
  say(hook("counter"), `${prompt.value.length} / ${prompt.maxLength}`);
  prompt.dataset.length = lengthOf(prompt.value);
}

const lengthOf = (text) => (text.length <= 45 ? "short" : text.length <= 160 ? "medium" : "long");

function setRatio(ratio) {
  hook("studio").style.setProperty("--ratio", ratio);
}

const showPicture = canvas(hook("pictures"), {
  laid: (width, height) => {
    setRatio(width / height);
    toggle("unloaded", false);
  },
  failed: () => toggle("unloaded", true),
});

function showCanvas({ job, aspect }, before) {
  const wanted = job?.links.picture ?? job?.links.preview ?? null;
  if (before && before.job?.id !== job?.id) showPicture(null);
  if (!wanted) toggle("unloaded", false);
  if (!wanted) setRatio(RATIOS[job?.aspect ?? aspect] ?? 1);
  say(hook("inscription"), job?.prompt ?? "");
  hook("inscription").dataset.length = lengthOf(job?.prompt ?? "");
  hook("canvas").toggleAttribute("data-painted", Boolean(wanted));
  if (wanted) showPicture(wanted, job.links.picture ? job.prompt : `Preview of: ${job.prompt}`);
}

function showLabel({ job, lost }) {
  if (!job) return;
  say(hook("status"), STATUS_LINES[job.status]);
  say(hook("title"), job.prompt);
  hook("title").dataset.length = lengthOf(job.prompt);
  say(hook("medium"), [capital(job.style), job.quality, job.aspect].join(", "));
  showWaiting(job);
  showProgress(job);
  showEnding(job);
  toggle("lost", lost);
}

function showWaiting({ status, position }) {
  toggle("before-you", status === "queued");
  say(hook("before-you"), position > 0 ? `${position} before you` : "You are next");
}

function showProgress({ status, progress }) {
  const painting = status === "running";
  toggle("progress", painting);
  if (!painting) return;
  const { step, of, score } = progress ?? { step: 0, of: 0, score: null };
  say(hook("step"), progress ? String(step) : "Mixing");
  say(hook("of"), progress ? `of ${of}` : "the colours");
  hook("score").parentElement.hidden = score === null;
  say(hook("score"), score === null ? "" : score.toFixed(3));
  showBar(step, of);
}

function showBar(step, of) {
  const bar = hook("bar");
  bar.setAttribute("aria-valuemax", String(of || 100));
  if (of) bar.setAttribute("aria-valuenow", String(step));
  else bar.removeAttribute("aria-valuenow");
  bar.setAttribute("aria-valuetext", of ? `step ${step} of ${of}` : "beginning");
  bar.firstElementChild.style.inlineSize = `${of ? (100 * step) / of : 0}%`;
}

function showEnding({ status, error, links }) {
  toggle("reason", status === "failed" || status === "cancelled");
  say(hook("reason"), status === "cancelled" ? "You took this order back, so nothing was painted." : (error ?? ""));
  toggle("mail", status === "done");
  showDownload("download-picture", links.picture);
  showDownload("download-film", links.film);
  toggle("cancel", status === "queued" || status === "running");
  toggle("retry", status === "failed" || status === "cancelled");
  toggle("another", status === "done" || status === "failed" || status === "cancelled");
}

function showDownload(name, link) {
  toggle(name, Boolean(link));
  if (link) hook(name).href = asDownload(link);
  else hook(name).removeAttribute("href");
}

function asDownload(link) {
  const url = new URL(link, location.href);
  url.searchParams.set("download", "1");
  return url.href;
}

function showFilm({ job, face }) {
  const film = hook("film");
  const link = job?.links.film ?? null;
  film.hidden = !link;
  hook("faces").hidden = !link;
  hook("studio").toggleAttribute("data-film", Boolean(link));
  hook("studio").dataset.face = face;
  for (const button of all("[data-face]", hook("faces"))) button.ariaPressed = String(button.dataset.face === face);
  showVideo(film.firstElementChild, link, job?.links.picture);
}

function showVideo(video, link, poster) {
  if ((video.getAttribute("src") ?? null) === link) return;
  if (!link) {
    video.pause();
    video.removeAttribute("src");
    video.removeAttribute("poster");
    video.load();
    return;
  }
  video.poster = poster;
  video.src = link;
}

function showProblem({ problem, sending }) {
  const fields = problem?.fields ?? {};
  for (const place of all("[data-error]")) showFieldError(place, fields[place.dataset.error]);
  const known = all("[data-error]").map((place) => place.dataset.error);
  const elsewhere = Object.keys(fields).filter((field) => !known.includes(field)).map((field) => `${field}: ${fields[field]}`);
  const message = !problem ? "" : Object.keys(fields).length === 0 ? problem.message : elsewhere.join(" ");
  say(hook("problem"), message);
  toggle("problem", message !== "");
  hook("generate").disabled = sending;
  say(hook("generate"), sending ? "Sending…" : "Generate");
}

function showFieldError(place, message) {
  place.hidden = !message;
  say(place, message ? capital(message) : "");
  for (const control of controlsOf(place.dataset.error)) {
    if (message) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  if (message && hook("details").contains(place)) hook("details").open = true;
}

function controlsOf(field) {
  if (field === "prompt") return [document.getElementById("prompt")];
  if (field === "size") return all("[name=width], [name=height]");
  const group = document.querySelector(`[data-field="${field}"]`);
  return group.role === "radiogroup" ? [group] : all("input", group);
}

/** Moves the focus to the first control whose value was refused, if there is one. */
export function focusFirstError() {
  const control = document.querySelector("[aria-invalid=true]");
  (control?.role === "radiogroup" ? control.querySelector("input") : control)?.focus();
}

export function focusStatus() {
  hook("status").focus({ preventScroll: true });
  hook("studio").scrollIntoView({ block: "start" });
}

/** Spoken to screen readers: each new phase, the place in the queue, and every quarter of the painting. */
function announce({ job }) {
  if (job) say(hook("announcer"), announcement(job));
}

function announcement({ status, position, progress, error }) {
  if (status === "queued") return position > 0 ? `In the queue, ${position} before you.` : "In the queue, you are next.";
  if (status === "failed") return `${STATUS_LINES.failed}. ${error}`;
  if (status === "done") return "The picture is finished. A mail is on its way to you.";
  if (status === "cancelled") return "The order is cancelled.";
  const quarters = progress ? Math.floor((4 * progress.step) / progress.of) : 0;
  return quarters > 0 ? `Painting, ${quarters * 25} percent done.` : "The painting has begun.";
}

function showTabTitle({ job }) {
  const home = "Text2Art: a sentence becomes a picture";
  const { status, progress } = job ?? {};
  document.title =
    status === "running" && progress ? `${progress.step} of ${progress.of} | Text2Art`
    : job ? `${STATUS_LINES[status]} | Text2Art`
    : home;
}

function showGallery({ gallery }) {
  const { jobs, next, loaded, problem } = gallery;
  fill(hook("wall"), html`${jobs.map(hung)}`);
  toggle("more", Boolean(next));
  toggle("gallery-note", Boolean(problem) || (loaded && jobs.length === 0));
  say(hook("gallery-note"), problem ?? "The walls are still bare. Hang the first picture: tick the public gallery before you generate.");
}

function hung({ id, prompt, aspect, links }) {
  return html`<li><button class="hung" type="button" data-picture="${id}">
    <img src="${links.thumbnail}" data-aspect="${aspect}" alt="" loading="lazy" decoding="async">
    <span class="caption">${prompt}</span>
  </button></li>`;
}

/** Opens a gallery picture large, with its film and its prompt. */
export function openViewer(job) {
  const { picture, film } = job.links;
  fill(hook("viewer-body"), html`
    <div class="viewer-faces" data-aspect="${job.aspect}">
      <img src="${picture}" alt="${job.prompt}">
      ${film && html`<video src="${film}" poster="${picture}" controls loop muted playsinline preload="metadata" aria-label="The film of the painting"></video>`}
    </div>
    <h2 class="title" id="viewer-title" data-length="${lengthOf(job.prompt)}">${job.prompt}</h2>
    <p class="medium">${[capital(job.style), job.quality, job.aspect].join(", ")}</p>`);
  hook("viewer").showModal();
}

export function emptyViewer() {
  fill(hook("viewer-body"), html``);
}

/** The picture to start from, as chosen; null when none. */
export function showStartImage(file) {
  const image = hook("start-preview").querySelector("img");
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  toggle("start-preview", Boolean(file));
  if (file) image.src = URL.createObjectURL(file);
  else image.removeAttribute("src");
}

const REGIONS = [
  [["job", "opening"], showPhase],
  [["choices"], showChoices],
  [["job", "aspect", "opening"], showCanvas],
  [["job", "lost"], showLabel],
  [["job", "face"], showFilm],
  [["problem", "sending"], showProblem],
  [["job"], announce],
  [["job"], showTabTitle],
  [["gallery"], showGallery],
];
