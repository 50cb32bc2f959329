/* How long painting takes on the painters that are present: the same sum as jobs.painter.expected_s. */

import { t } from "./i18n.js";

/** Seconds; `size` is [width, height], null where the quality decides it, and so are the iterations. */
export function expectedS(pace, { aspect, size, iterations }) {
  const [width, height] = size ?? pace.sizes[aspect];
  return (iterations ?? pace.iterations) * (pace.step_s + (pace.megapixel_s * width * height) / 1_000_000);
}

/** A duration, short: it stands in a small button, and nobody waits for 127 seconds. */
export function shortly(seconds) {
  if (seconds < 50) return t("about {n} s", { n: Math.max(Math.round(seconds / 5) * 5, 5) });
  const minutes = Math.max(Math.round(seconds / 60), 1);
  if (minutes < 60) return t("about {n} min", { n: minutes });
  return t("about {n} h", { n: Math.round(minutes / 6) / 10 });
}
