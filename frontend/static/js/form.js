/* The order form: what follows from its fields as one types, and what the rest of the page asks of it. */

import { lettersIn, problemsIn } from "./checks.js";
import { focusFirstError, mountComplaints } from "./complaints.js";
import { keepDraft, recallDraft, recallPicture } from "./draft.js";
import { draftOf, restore, typedMeasures } from "./fields.js";
import { hook, lengthOf, say } from "./hooks.js";
import { t } from "./i18n.js";
import { keep, recall } from "./kept.js";
import { mountKeywords } from "./keywords.js";
import { chosen, offer, showEstimates } from "./options.js";
import { wishesIn, withRoom } from "./prompts.js";
import { mountStartImage } from "./start_image.js";
import { surprise } from "./surprise.js";
import { mountUnknown } from "./unknown.js";
import { mountWishes } from "./wishes.js";

export { focusFirstError } from "./complaints.js";
export { fillForm, readForm, startFrom } from "./fields.js";

const ADDRESS = "text2art.email";
const AWHILE_MS = 60_000;
const LIMITS = { max_prompt: 500, min_side: 32, max_side: 1024, max_iterations: 2000 }; // until the server tells its own

const mounted = new WeakMap(); // form -> what the functions below ask of it

/** Brings the form to life, with the draft of this tab in it. An order that is not well formed gets no further than here. */
export function mountForm(form) {
  const { prompt } = form.elements;
  let limits = LIMITS;
  const problems = () => problemsIn(Object.fromEntries(new FormData(form)), limits);
  const complaints = mountComplaints(form, problems);
  const startImage = mountStartImage(form, {
    limits: () => limits.start_image ?? null,
    complain: (message) => complaints.tell("start_image", message),
  });
  const showPrompt = mountPrompt(form);

  function show() {
    showPrompt(limits);
    showMeasures(form, limits, problems());
    keepDraft(draftOf(form));
  }

  for (const control of [form, prompt]) {
    control.addEventListener("input", show);
    control.addEventListener("change", show);
  }
  stopIllFormed(form, complaints);
  mountButtons(form, { complaints, startImage });
  mountAddress(form.elements);
  const picture = recallPicture(); // before the draft is put back, which forgets it
  restore(form, recallDraft() ?? {});
  complaints.forget();
  if (picture) startImage.take(picture);
  mounted.set(form, {
    refuse: complaints.refuse,
    offer(choices) {
      limits = { ...LIMITS, ...choices };
      offer(form, choices);
      show();
      complaints.show();
      form.querySelector("[name=aspect]:checked").dispatchEvent(new Event("change", { bubbles: true }));
    },
  });
}

/** What can be ordered, and how long it takes now. */
export const offerChoices = (form, choices) => mounted.get(form).offer(choices);

/** What the server said of fields, at these fields. */
export const showRefusals = (form, fields) => mounted.get(form).refuse(fields);

/** The order is on its way, or no more. */
export function setSending(form, sending) {
  hook("generate").disabled = sending;
  say(hook("generate"), sending ? t("Sending…") : t("Generate"));
}

/** Puts the text onto the canvas, to go on writing at its end. */
export function write(form, text) {
  const { prompt } = form.elements;
  put(prompt, text);
  prompt.focus();
  prompt.setSelectionRange(text.length, text.length);
}

/** Calls `read()` whenever the page is seen again after a while. */
export function onReturn(read) {
  let left = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) left = Date.now();
    else if (Date.now() - left >= AWHILE_MS) read();
  });
}

function put(prompt, text) {
  prompt.value = text;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The prompt with its counter, keywords, wishes and what is unknown in it; returns show(limits). */
function mountPrompt(form) {
  const { prompt } = form.elements;
  const edit = { text: () => prompt.value, write: (text) => put(prompt, text) };
  const showKeywords = mountKeywords(hook("keywords"), edit);
  const showWishes = mountWishes(hook("wishes"), {
    ...edit,
    tell: (words) => say(hook("wish-news"), words),
    emptied: () => hook("add-wish").focus(),
  });
  const showUnknown = mountUnknown(hook("unknown"));
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  return ({ max_prompt, models = [] }) => {
    showCounter(prompt, max_prompt);
    showKeywords(prompt.value);
    showWishes(prompt.value);
    showUnknown(prompt.value, models);
    say(hook("add-wish"), wishesIn(prompt.value).length < 2 ? t("Add a second wish") : t("Add another wish"));
  };
}

/** How much is written, in letters that shrink as the sentence grows. */
function showCounter(prompt, most) {
  const letters = lettersIn(prompt.value);
  say(hook("counter"), `${letters} / ${most}`);
  hook("counter").toggleAttribute("data-over", letters > most);
  prompt.dataset.length = lengthOf(prompt.value);
}

/** The times that the qualities take, and what is meant by a size that is left open. */
function showMeasures(form, limits, wrong) {
  const { scale, width, height } = form.elements;
  const wish = { style: chosen(form, "style"), aspect: chosen(form, "aspect"), ...typedMeasures(form, wrong) };
  if (limits.styles) showEstimates(limits, wish);
  const size = limits.paces?.[wish.style]?.[chosen(form, "quality")]?.sizes[wish.aspect];
  width.placeholder = size?.[0] ?? t("width");
  height.placeholder = size?.[1] ?? t("height");
  const { min_side: least, max_side: most } = limits;
  const hint = scale.value ? "{scale} times the draft's size, as in its recipe." : "{least} to {most} each way. Empty: quality and shape decide.";
  say(hook("size-hint"), t(hint, { scale: scale.value, least, most }));
}

/** In the capture phase: before any other listener of the form hears of the order. */
function stopIllFormed(form, complaints) {
  const judge = (event) => {
    if (complaints.judge()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    focusFirstError();
  };
  form.addEventListener("submit", judge, { capture: true });
}

function mountButtons(form, parts) {
  const { prompt, seed, scale } = form.elements;
  hook("add-wish").addEventListener("click", () => write(form, withRoom(prompt.value)));
  hook("surprise").addEventListener("click", () => put(prompt, surprise(prompt.value)));
  hook("dice").addEventListener("click", () => {
    seed.value = crypto.getRandomValues(new Uint32Array(1))[0];
    seed.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.addEventListener("change", ({ target, isTrusted }) => {
    if (isTrusted && target.name === "quality") scale.value = ""; // a recipe's, and it would win over the quality
  }, { capture: true });
  mountClear(form, parts);
}

/** Clear asks nothing, for it can be undone until the next edit. An address that is remembered stays. */
function mountClear(form, { complaints, startImage }) {
  const { email, remember, start_image } = form.elements;
  const button = hook("clear");
  let undo = null;
  const offerUndo = (work) => {
    undo = work;
    say(button, undo ? t("Undo clear") : t("Clear"));
  };
  const clear = () => {
    const before = { draft: draftOf(form), address: email.value, file: start_image.files[0] };
    restore(form, {});
    if (!remember.checked) email.value = "";
    complaints.forget();
    offerUndo(() => {
      restore(form, before.draft);
      email.value = before.address;
      if (before.file) startImage.take(before.file);
    });
  };
  button.addEventListener("click", () => {
    if (!undo) return clear();
    undo();
    offerUndo(null);
  });
  for (const control of [form, form.elements.prompt]) {
    control.addEventListener("input", ({ isTrusted }) => isTrusted && offerUndo(null));
  }
}

/** The address is remembered on this device only while the box is ticked. */
function mountAddress({ email, remember }) {
  const known = recall("localStorage", ADDRESS);
  if (known) email.value = known;
  remember.checked = Boolean(known);
  const follow = () => keep("localStorage", ADDRESS, (remember.checked && email.value.trim()) || null);
  email.addEventListener("input", follow);
  remember.addEventListener("change", follow);
}
