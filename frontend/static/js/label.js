/* The label beside the canvas: what hangs there, how far it is, and what can be done with it. */

import { inWords, leftOf } from "./eta.js";
import { all, capital, hook, inscribe, line, say, toggle } from "./hooks.js";
import { t } from "./i18n.js";
import { showScores } from "./sparkline.js";
import { isOver } from "./store.js";

const MAIL_IS_NEWS_MS = 60 * 60 * 1000;

export const statusLine = (status) =>
  ({
    queued: t("Waiting for the easel"),
    running: t("Being painted"),
    done: t("Finished"),
    failed: t("This one did not work out"),
    cancelled: t("Taken back"),
  })[status];

export const placeLine = (position) => (position > 0 ? t("{n} before you", { n: position }) : t("You are next"));

export function showLabel({ job, scores, heard }) {
  if (!job) return;
  say(hook("status"), statusLine(job.status));
  inscribe(hook("title"), job.prompt);
  say(hook("medium"), medium(job));
  line("before-you", job.status === "queued" && placeLine(job.position));
  showProgress(job, scores);
  showEta({ job, heard });
  line("remark", job.progress?.note && t(job.progress.note));
  showEnding(job);
  showActions(job);
}

function medium({ style, quality, aspect, recipe }) {
  const words = [capital(t(style)), t(quality), t(aspect)].join(", ");
  return `${words} · ${t("seed {n}", { n: recipe.seed })}`;
}

function showProgress({ status, progress }, scores) {
  const painting = status === "running";
  toggle("progress", painting);
  if (!painting) return;
  const { step, of, score } = progress ?? { step: 0, of: 0, score: null };
  say(hook("step"), progress ? String(step) : t("Mixing"));
  say(hook("of"), progress ? t("of {n}", { n: of }) : t("the colours"));
  hook("score").parentElement.hidden = score === null;
  say(hook("score"), score === null ? "" : score.toFixed(3));
  showScores(hook("scores"), scores, of);
  showBar(step, of);
}

function showBar(step, of) {
  const bar = hook("bar");
  bar.setAttribute("aria-valuemax", String(of || 100));
  if (of) bar.setAttribute("aria-valuenow", String(step));
  else bar.removeAttribute("aria-valuenow");
  bar.setAttribute("aria-valuetext", of ? t("step {n} of {of}", { n: step, of }) : t("beginning"));
  bar.firstElementChild.style.inlineSize = `${of ? (100 * step) / of : 0}%`;
}

/** Said anew as time goes by: between two news the guess counts down. */
export function showEta({ job, heard }) {
  if (!job) return;
  line("eta", etaLine(job, heard));
}

function etaLine({ status, eta_s }, heard) {
  if (status === "queued" && eta_s === null) return t("No painter is here at the moment. Your place is kept.");
  if (isOver({ status }) || eta_s === null) return null;
  const left = inWords(leftOf(eta_s, heard));
  return status === "queued" ? t("Finished in {time}", { time: left }) : t("{time} left", { time: capital(left) });
}

function showEnding(job) {
  const { status, error, mine, finished_at } = job;
  toggle("reason", status === "failed" || status === "cancelled");
  say(hook("reason"), status === "cancelled" ? t("This order was taken back, so nothing was painted.") : t(error ?? ""));
  toggle("closable", mine && !isOver(job));
  toggle("mail", mine && status === "done" && Date.now() - Date.parse(finished_at) < MAIL_IS_NEWS_MS);
}

function showActions(job) {
  const { status, mine, links } = job;
  const [over, done] = [isOver(job), status === "done"];
  const failed = over && !done;
  const hangs = Boolean(links.picture); // what was withdrawn is done, and has no files
  for (const download of all("[data-download]")) showDownload(download, links[download.dataset.download]);
  toggle("share", hangs);
  toggle("retry", failed);
  toggle("more-like-this", done);
  toggle("remix", done || (failed && mine));
  say(hook("remix"), failed ? t("Change the order") : t("Remix"));
  toggle("start-from", hangs);
  toggle("cancel", mine && !over);
  toggle("delete", mine && over);
}

function showDownload(download, link) {
  download.hidden = !link;
  if (link) download.href = asDownload(link);
  else download.removeAttribute("href");
}

function asDownload(link) {
  const url = new URL(link, location.href);
  url.searchParams.set("download", "1");
  return url.href;
}
