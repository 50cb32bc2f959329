/* State -> DOM: which views look at which part of the state. Nothing here asks the server or changes the state. */

import { announce } from "./announce.js";
import { canvas } from "./canvas.js";
import { fitCells } from "./cells.js";
import { showFilm } from "./film.js";
import { offerChoices, setSending, showRefusals } from "./form.js";
import { all, capital, hook, inscribe, line, toggle } from "./hooks.js";
import { fill, html } from "./html.js";
import { t } from "./i18n.js";
import { showLabel, statusLine } from "./label.js";
import { showTray } from "./tray.js";

const RATIOS = { square: 1, widescreen: 16 / 9, portrait: 4 / 5 }; // of the bare canvas; a picture brings its own
const HOME = document.title;

const form = document.getElementById("order");

/** Shows the regions whose slice of the state changed; all of them when there is no state before. */
export function show(state, before) {
  for (const [slices, view] of REGIONS) {
    if (!before || slices.some((slice) => state[slice] !== before[slice])) view(state, before);
  }
}

function showPhase({ job, opening }) {
  const phase = opening ? "opening" : (job?.status ?? "empty");
  hook("studio").dataset.phase = phase;
  document.documentElement.toggleAttribute("data-opening", phase === "opening");
  for (const element of all("[data-only=empty]:not(.error)")) element.hidden = phase !== "empty";
  for (const element of all("[data-except=empty]")) element.hidden = phase === "empty" || phase === "opening";
}

function showChoices({ choices }) {
  if (choices) offerChoices(form, choices);
}

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
  if (!wanted || before?.job?.id !== job.id) showPicture(null);
  if (!wanted) toggle("unloaded", false);
  if (!wanted) setRatio(ratioOf(job) ?? RATIOS[aspect] ?? 1);
  inscribe(hook("inscription"), job?.prompt ?? "");
  hook("canvas").toggleAttribute("data-painted", Boolean(wanted));
  if (wanted) showPicture(wanted, job.links.picture ? job.prompt : t("Preview of: {prompt}", job));
}

function ratioOf(job) {
  const [width, height] = job?.recipe.size ?? [];
  return width ? width / height : RATIOS[job?.aspect];
}

function showCells({ job }) {
  hook("studio").toggleAttribute("data-pixelated", job?.style === "pixel art");
  fitCells(hook("studio"), job?.links.pixels ?? null);
}

function showFilmOf({ job }) {
  const link = job?.links.film ?? null;
  toggle("film", Boolean(link));
  hook("studio").toggleAttribute("data-film", Boolean(link));
  showFilm(link, job?.links.picture, job?.progress?.of);
}

/** Calm words on a connection that is gone: nothing is lost by it. */
function showConnection({ online, lost, opening, job }) {
  const looking = opening || job;
  const offline = !online && t("You are offline. The studio goes on without you; the page looks again as soon as you are back.");
  const broken = looking && lost && t("The line to the studio is broken; the painting goes on there. Looking again…");
  line("line", offline || broken);
}

/** What was refused, at its field where that is shown. */
function showProblem({ problem, job, choices }) {
  const fields = problem?.fields ?? {};
  showRefusals(form, fields);
  const places = job ? [] : all("[data-error]").map((place) => place.dataset.error);
  const elsewhere = Object.keys(fields).filter((field) => !places.includes(field)).map((field) => `${t(capital(field))}: ${t(fields[field])}`);
  line("problem", problem && (Object.keys(fields).length === 0 ? t(problem.message) : elsewhere.join(" ")));
  if (problem?.status === 401 && choices?.sign_in?.ways.length) leadToSignIn(hook("problem"));
}

function leadToSignIn(place) {
  fill(place, html`${place.textContent} <a href="/sign-in">${t("Sign in")}</a>`);
}

function showSending({ sending }) {
  setSending(form, sending);
}

function showNote({ note }) {
  line("note", note);
}

/** What was told of deeds at one job, or asked, is not meant for the next. */
function forgetDeeds({ job }, before) {
  if (job?.id === before?.job?.id) return;
  hook("told").replaceChildren();
  hook("delete-ask").close();
}

/** Asks before a picture is deleted; whether it shall be. */
export function askToDelete() {
  const dialog = hook("delete-ask");
  const { promise, resolve } = Promise.withResolvers();
  dialog.addEventListener("close", () => resolve(dialog.returnValue === "delete"), { once: true });
  dialog.returnValue = "";
  dialog.showModal();
  return promise;
}

export function focusStatus() {
  hook("status").focus({ preventScroll: true });
  hook("studio").scrollIntoView({ block: "start" });
}

export function revealTold() {
  hook("told").scrollIntoView({ block: "nearest" });
}

function showTabTitle({ job }) {
  const { status, progress } = job ?? {};
  const words = status === "running" && progress ? t("{n} of {of}", { n: progress.step, of: progress.of }) : job && statusLine(status);
  document.title = words ? `${words} | Text2Art` : t(HOME);
}

const REGIONS = [
  [["job", "opening"], showPhase],
  [["choices"], showChoices],
  [["job", "aspect", "opening"], showCanvas],
  [["job"], showCells],
  [["job"], showLabel],
  [["job"], showFilmOf],
  [["easels", "job"], showTray],
  [["online", "lost", "opening", "job"], showConnection],
  [["problem"], showProblem],
  [["sending"], showSending],
  [["note"], showNote],
  [["job"], forgetDeeds],
  [["job", "easels"], announce],
  [["job"], showTabTitle],
];
