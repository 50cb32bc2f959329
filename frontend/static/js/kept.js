/* What the browser keeps for the page. Where it keeps nothing (private windows may not), all is as on a first visit. */

/** `where` is "localStorage" (this device, until taken back) or "sessionStorage" (this tab). */
export function recall(where, key) {
  try {
    return window[where].getItem(key);
  } catch {
    return null;
  }
}

/** Whether it could be kept; null forgets. */
export function keep(where, key, text) {
  try {
    if (text === null) window[where].removeItem(key);
    else window[where].setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
