/* The wishes of a prompt as chips, one for each `text:weight`: heavier, lighter, away. They edit the text; the text draws them. */

import { fill, html } from "./html.js";
import { t } from "./i18n.js";
import { heavier, isAlone, lighter, reweighed, wishesIn, without } from "./prompts.js";

/**
 * Returns show(text). `write(text)` puts a changed prompt in place, `tell(words)` is for who cannot see the chips, and
 * `emptied()` is called when the last chips went with the focus on them.
 */
export function mountWishes(list, { text, write, tell, emptied }) {
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-act]");
    if (!button) return;
    const index = Number(button.closest("li").dataset.index);
    act(button.dataset.act, wishesIn(text())[index], index);
  });

  function act(name, wish, index) {
    if (name === "remove") {
      write(without(text(), wish));
      tell(t("Removed: {wish}", { wish: wish.text }));
      return focusNear(index);
    }
    const weight = (name === "heavier" ? heavier : lighter)(wish.weight);
    write(reweighed(text(), wish, weight));
    tell(t("{wish}: weight {weight}", { wish: wish.text, weight }));
    focusAct(index, name);
  }

  function focusAct(index, name) {
    const chip = list.children[index];
    const button = chip?.querySelector(`[data-act="${name}"]:not(:disabled)`) ?? chip?.querySelector("button:not(:disabled)");
    button?.focus();
  }

  function focusNear(index) {
    if (list.hidden) emptied();
    else focusAct(Math.min(index, list.children.length - 1), "remove");
  }

  let drawn = null;
  return (shown) => {
    if (shown === drawn) return; // a button drawn anew while it is pressed would not be clicked
    drawn = shown;
    const wishes = wishesIn(shown);
    list.hidden = wishes.length < 2;
    fill(list, html`${list.hidden ? "" : wishes.map((wish, index) => chip(wish, index, wishes))}`);
  };
}

function chip(wish, index, wishes) {
  const { text, weight, scene } = wish;
  const fewer = lighter(weight);
  const canLighten = fewer !== null && (fewer > 0 || !isAlone(wishes, wish));
  const begins = index > 0 && scene !== wishes[index - 1].scene;
  return html`<li class="wish" data-index="${index}" ${weight < 0 && html`data-avoided`}>
    ${begins && html`<span class="wish-then">${t("then")}</span>`}
    <span class="wish-text" translate="no">${text}</span>
    <span class="wish-weight">${weightInWords(weight)}</span>
    ${act("lighter", "−", t("Lighter: {wish}", { wish: text }), canLighten)}
    ${act("heavier", "+", t("Heavier: {wish}", { wish: text }), heavier(weight) !== null)}
    ${act("remove", "×", t("Remove: {wish}", { wish: text }), true)}
  </li>`;
}

const act = (name, sign, label, enabled) => html`<button type="button" data-act="${name}" aria-label="${label}"
  ${!enabled && html`disabled`}>${sign}</button>`;

function weightInWords(weight) {
  if (weight === 0) return t("left out");
  return weight < 0 ? t("avoid × {weight}", { weight: -weight }) : `× ${weight}`;
}
