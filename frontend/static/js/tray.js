/* The tray: the visitor's jobs that wait, are being painted or ended lately, each on a small easel of its own. */

import { fill, html } from "./html.js";
import { all, hook, say, toggle } from "./hooks.js";
import { t } from "./i18n.js";
import { placeLine, statusLine } from "./label.js";
import { isOver } from "./store.js";

export function showTray({ easels, job }, before) {
  const others = easels.some((easel) => easel.id !== job?.id);
  toggle("tray", others);
  hook("tray").toggleAttribute("data-busy", easels.some((easel) => !isOver(easel)));
  const places = easels.map(placeOf);
  for (const place of all("[data-easel]", hook("easels"))) if (!places.includes(place)) place.remove();
  places.forEach((place, index) => {
    if (hook("easels").children[index] !== place) hook("easels").insertBefore(place, hook("easels").children[index]);
    showEasel(place, easels[index], easels[index].id === job?.id);
  });
  if (job?.id !== before?.job?.id) reveal(places.find((place) => place.dataset.easel === job?.id));
}

/** Scrolls the tray alone, and no further than needed. */
function reveal(place) {
  const list = hook("easels");
  if (!place) return;
  const [left, right] = [place.offsetLeft - list.offsetLeft, place.offsetLeft - list.offsetLeft + place.offsetWidth];
  list.scrollLeft = Math.min(Math.max(list.scrollLeft, right - list.clientWidth), left);
}

/** The easel of a job: the same element as long as the job is in the tray, so that focus and pictures stay. */
const placeOf = ({ id }) => all("[data-easel]", hook("easels")).find((place) => place.dataset.easel === id) ?? newPlace(id);

function newPlace(id) {
  const place = document.createElement("li");
  place.dataset.easel = id;
  fill(place, html`<button type="button">
    <span class="easel-picture"><img alt="" decoding="async" hidden></span>
    <span class="easel-words"><span class="easel-prompt notranslate"></span> <span class="easel-status"></span></span>
    <span class="easel-bar"><span></span></span>
  </button>`);
  return place;
}

function showEasel(place, job, isShown) {
  const [button, image, prompt, status, bar] = ["button", "img", ".easel-prompt", ".easel-status", ".easel-bar span"].map((part) => place.querySelector(part));
  const picture = job.links.thumbnail ?? job.links.preview;
  image.hidden = !picture;
  if (picture && image.getAttribute("src") !== picture) image.src = picture;
  say(prompt, job.prompt);
  say(status, inShort(job));
  place.dataset.status = job.status;
  bar.style.inlineSize = `${100 * shareOf(job)}%`;
  if (isShown) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
}

const shareOf = ({ status, progress }) => (status === "running" && progress ? progress.step / progress.of : 0);

function inShort(job) {
  if (job.status === "queued") return placeLine(job.position);
  if (job.status === "running" && job.progress) return t("{n} of {of}", { n: job.progress.step, of: job.progress.of });
  return job.status === "failed" ? t("Failed") : statusLine(job.status);
}
