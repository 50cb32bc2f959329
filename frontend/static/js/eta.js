/* How long it will take, in words: as rough as the guess behind them. */

import { t } from "./i18n.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** `seconds` that are left, as one says it; fewer than none are few. */
export function inWords(seconds) {
  if (seconds < 8) return t("a few seconds");
  if (seconds < 50) return t("about {n} seconds", { n: 10 * Math.round(seconds / 10 + 0.2) });
  if (seconds < 1.5 * MINUTE) return t("about a minute");
  if (seconds < 55 * MINUTE) return t("about {n} minutes", { n: Math.round(seconds / MINUTE) });
  if (seconds < 1.5 * HOUR) return t("about an hour");
  return t("about {n} hours", { n: Math.round(seconds / HOUR) });
}

/** What is left of `eta_s`, in seconds, of a job that was heard of at `heard`, milliseconds on performance.now()'s clock. */
export const leftOf = (eta_s, heard) => eta_s - (performance.now() - heard) / 1000;
