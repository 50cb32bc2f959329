/* Likes without leaving the page. The forms work without this: they are sent, and lead back to where they stood. */

import { ApiError, like } from "./api.js";
import { t } from "./i18n.js";

/** Every like that is given within `root` is sent from here; a second call for the same root changes nothing. */
export const likeInPlace = (root) => root.addEventListener("submit", send);

async function send(event) {
  const form = event.target;
  if (!form.dataset.like) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  const before = shown(form);
  const liked = !before.liked;
  form.ariaBusy = "true";
  show(form, { liked, likes: before.likes + (liked ? 1 : -1) });
  try {
    show(form, await like(form.dataset.like, liked));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    show(form, before, t(error.message));
  } finally {
    form.ariaBusy = "false";
  }
}

const parts = (form) => ({ button: form.querySelector("button"), count: form.querySelector("[data-likes]") });

function shown(form) {
  const { button, count } = parts(form);
  return { liked: button.ariaPressed === "true", likes: Number(count.textContent) };
}

function show(form, { liked, likes }, problem = "") {
  const { button, count } = parts(form);
  button.ariaPressed = String(liked);
  button.value = String(!liked); // what the form would ask for
  count.textContent = String(likes);
  form.querySelector("[role=alert]")?.remove();
  if (problem) form.append(alert(problem));
}

function alert(problem) {
  const line = document.createElement("p");
  line.role = "alert";
  line.textContent = problem;
  return line;
}
