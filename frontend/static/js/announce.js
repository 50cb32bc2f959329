/* What screen readers are told: each new phase, the place in the queue, every quarter of the painting, and the end of
 * what is painted on another easel. */

import { hook, say } from "./hooks.js";
import { t } from "./i18n.js";
import { statusLine } from "./label.js";
import { isOver } from "./store.js";

export function announce({ job, easels }, before) {
  const ended = easels.find((easel) => easel.id !== job?.id && isOver(easel) && wasPainted(easel, before));
  if (ended) say(hook("announcer"), `${ended.prompt}: ${statusLine(ended.status)}.`);
  else if (job && job !== before?.job) say(hook("announcer"), announcement(job));
}

const wasPainted = ({ id }, before) => before?.easels.some((easel) => easel.id === id && !isOver(easel));

function announcement({ status, position, progress, error, mine }) {
  if (status === "queued") return position > 0 ? t("In the queue, {n} before you.", { n: position }) : t("In the queue, you are next.");
  if (status === "failed") return `${statusLine(status)}. ${t(error ?? "")}`;
  if (status === "done") return mine ? t("The picture is finished. A mail is on its way to you.") : t("The picture is finished.");
  if (status === "cancelled") return t("The order is cancelled.");
  const quarters = progress ? Math.floor((4 * progress.step) / progress.of) : 0;
  return quarters > 0 ? t("Painting, {n} percent done.", { n: quarters * 25 }) : t("The painting has begun.");
}
