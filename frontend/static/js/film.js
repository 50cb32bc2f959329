/* The film and its timeline: a slider that shows any step of the painting, and goes along while the film plays. */

import { hook, say } from "./hooks.js";
import { t } from "./i18n.js";

const HELD_S = 1; // so long the film holds the finished picture at its end (clipit/files/mp4.py)

const video = hook("film").querySelector("video");
const slider = hook("timeline");

const steps = () => Number(slider.max);
const paintedS = () => video.duration - HELD_S;
const stepAt = (time) => Math.min(Math.floor((time / paintedS()) * steps()) + 1, steps());
const timeOf = (step) => ((step - 0.5) / steps()) * paintedS(); // the middle of its frame, so that rounding keeps to it

/** Shows the film at `link`, null: none. Until it plays, its poster is the finished picture. `of` is its number of steps;
 * where nobody knows it, the browser's own controls have to do. */
export function showFilm(link, poster, of) {
  if ((video.getAttribute("src") ?? null) === link) return;
  video.pause();
  if (!link) {
    video.removeAttribute("src");
    video.removeAttribute("poster");
    return video.load();
  }
  video.poster = poster;
  video.src = link;
  video.controls = !of;
  slider.parentElement.hidden = !of;
  slider.max = of ?? 1;
  place(steps());
}

function place(step) {
  slider.value = step;
  const words = t("Step {n} of {of}", { n: step, of: steps() });
  say(hook("timeline-step"), words);
  if (video.paused) slider.setAttribute("aria-valuetext", words); // while it plays, nobody wants to hear each
}

function goAlong() {
  if (video.paused) return;
  place(stepAt(video.currentTime));
  requestAnimationFrame(goAlong);
}

/** One frame is sought at a time: while a slider is drawn, those between would never be seen. */
function seek() {
  if (video.seeking || !video.duration) return;
  const time = timeOf(Number(slider.value));
  const frame = paintedS() / steps();
  if (Math.abs(video.currentTime - time) > frame / 4) video.currentTime = time;
}

function showPlaying() {
  const words = video.paused ? t("Play") : t("Pause");
  hook("play").ariaLabel = words;
  hook("play").title = words;
  hook("play").dataset.playing = !video.paused;
}

/** What was stopped shows the very step that the slider tells. */
function settle() {
  showPlaying();
  place(video.seeking || !video.duration ? Number(slider.value) : stepAt(video.currentTime));
  seek();
}

function toggle() {
  if (video.paused) video.play().catch(showPlaying);
  else video.pause();
}

slider.addEventListener("input", () => {
  video.pause();
  place(Number(slider.value));
  seek();
});
video.addEventListener("seeked", () => video.paused && seek());
video.addEventListener("loadedmetadata", () => Number(slider.value) < steps() && seek());
video.addEventListener("play", () => {
  showPlaying();
  goAlong();
});
video.addEventListener("pause", settle);
video.addEventListener("click", () => video.controls || toggle());
hook("play").addEventListener("click", toggle);
