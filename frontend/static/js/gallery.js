/* The wall of the gallery, always in the server's own HTML: the newest of it on the home page, and on /gallery page after
 * page as one scrolls. */

import { ApiError, readPage } from "./api.js";
import { t, translate } from "./i18n.js";
import { likeInPlace } from "./likes.js";

const NEAR = "600px"; // how far below the window the next pictures are fetched

let awaited = null; // who waits for the home page's wall to come near

const part = (section, name) => section.querySelector(`[data-hook="${name}"]`);

function picturesOf(page) {
  const pictures = [...page.querySelectorAll('[data-hook="wall"] > li')];
  pictures.forEach(translate);
  return pictures;
}

const notHung = ({ id }) => !document.getElementById(id);

/** Hangs the newest pictures in a section of the home page, once it is near; called again, hangs what is new. */
export function hang(section) {
  likeInPlace(section);
  awaited?.disconnect();
  awaited = whenNear(section, () => attempt(section, async () => {
    const page = await readPage("/gallery");
    rehang(part(section, "wall"), picturesOf(page));
    say(part(section, "gallery-note"), t(part(page, "gallery-note")?.textContent ?? ""));
  }));
}

/** What hangs there already stays as it is, with the focus and the likes on it. */
function rehang(wall, pictures) {
  const ids = pictures.map(({ id }) => id);
  for (const old of [...wall.children]) if (!ids.includes(old.id)) old.remove();
  pictures.forEach((picture, place) => notHung(picture) && wall.insertBefore(picture, wall.children[place]));
}

/** Hangs the pictures of the next page whenever the last ones come near; the link to that page stays what it is. */
export async function hangOn(section) {
  const link = section.querySelector("a[rel=next]");
  if (!link) return;
  let pages = 0;
  let coming = null;

  async function next() {
    const hung = await attempt(section, () => hangNext(section, link));
    if (hung) pages += 1;
    coming = null;
    return hung ?? [];
  }

  const more = () => (coming ??= next());

  async function onward() {
    const hung = await more();
    if (hung.length > 0 && link.isConnected) whenNear(link, onward); // after a refusal only the link is left
  }

  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const [first] = await more();
    first?.querySelector("a").focus();
  });

  // who comes back finds the wall as it was left
  const left = history.state ?? { pages: 0 };
  addEventListener("pagehide", () => history.replaceState({ pages, top: scrollY }, ""));
  while (pages < left.pages && link.isConnected && (await more()).length > 0);
  if (left.top) scrollTo({ top: left.top, behavior: "instant" });
  if (link.isConnected) whenNear(link, onward);
}

/** Hangs the pictures of the page that the link leads to, and lets it lead to the one after. Returns what it hung. */
async function hangNext(section, link) {
  const page = await readPage(link.href);
  const hung = picturesOf(page).filter(notHung); // likes move pictures between pages
  part(section, "wall").append(...hung);
  const next = page.querySelector("a[rel=next]");
  if (next) link.href = next.href;
  else leave(link, hung);
  part(section, "gallery-announcer").textContent = t("{n} more pictures", { n: hung.length });
  return hung;
}

function leave(link, hung) {
  if (document.activeElement === link) hung[0]?.querySelector("a").focus();
  link.remove();
}

/** Runs `work`; a refusal by the server is said on the wall. */
async function attempt(section, work) {
  const problem = part(section, "gallery-problem");
  try {
    const done = await work();
    say(problem, "");
    return done;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    say(problem, t("The gallery is closed for now. {reason}", { reason: t(error.message) }));
    return null;
  }
}

function say(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

/** Calls `act` once, when the element is in the window or near; returns who watches for that. */
function whenNear(element, act) {
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    act();
  }, { rootMargin: NEAR });
  watcher.observe(element);
  return watcher;
}
