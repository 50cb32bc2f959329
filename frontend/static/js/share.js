/* Sharing a picture's address: by the device's own menu where there is one, else by copying it. */

import { t } from "./i18n.js";

/** `button.dataset.share` is the address; `said` is where it is told what became of it. */
export function offerSharing(button, said) {
  button.hidden = false;
  button.addEventListener("click", () => share({ url: button.dataset.share, title: document.title }, said));
}

/** Shares `link`, { url, title }. */
export async function share(link, said) {
  said.replaceChildren();
  if (!navigator.share) return copy(link.url, said);
  try {
    await navigator.share(link);
  } catch (error) {
    if (error.name !== "AbortError") await copy(link.url, said); // aborted: the visitor thought better of it
  }
}

async function copy(url, said) {
  try {
    await navigator.clipboard.writeText(url);
    said.textContent = t("The link is copied.");
  } catch {
    offerByHand(url, said);
  }
}

/** For browsers that do not let us copy: they have no clipboard outside https, or were told not to. */
function offerByHand(url, said) {
  const field = document.createElement("input");
  Object.assign(field, { readOnly: true, value: url, ariaLabel: t("Link to this picture") });
  said.replaceChildren(t("Copy this link:"), field);
  field.select();
}
