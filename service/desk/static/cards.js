// The hand of cards on the page: which there are, which one is in sight, taking some away and giving them back.
// With a card go its row in the rail and an element that says whose it is and for how many it stands.
"use strict";
(() => {
  const hand = document.getElementById("hand");
  const rail = document.getElementById("rail");
  const toasts = document.getElementById("toasts");
  const texts = document.getElementById("texts").dataset;
  const actions = document.getElementById("actions");
  const TOAST = 6_000;

  const all = () => [...hand.querySelectorAll(".card")];
  const current = () => hand.querySelector(".card:not([hidden])");
  const byId = (id) => document.getElementById(`card-${id}`);
  const rowOf = (card) => document.getElementById(`rail-${card.dataset.comment}`);
  const factsOf = (card) => document.getElementById(`of-${card.dataset.comment}`);
  const ids = (some) => some.map((card) => card.dataset.comment);
  const alike = (some) => some.reduce((sum, card) => sum + 1 + Number(factsOf(card)?.dataset.alike ?? 0), 0);

  // a text of the page with its {names} filled in
  function text(name, values = {}) {
    return texts[name].replace(/\{(\w+)\}/g, (_whole, key) => values[key]);
  }

  // what was just done takes the place of what was done before; warnings stay until their time is over
  function say(words, kind) {
    if (kind !== "warn") for (const old of toasts.querySelectorAll(".toast.ok, .toast.no")) old.remove();
    const line = document.createElement("p");
    line.className = `toast ${kind}`;
    line.textContent = words;
    toasts.append(line);
  }

  new MutationObserver(() => {
    for (const line of toasts.querySelectorAll(".toast:not([data-seen])")) {
      line.dataset.seen = "";
      setTimeout(() => line.remove(), TOAST);
    }
    while (toasts.children.length > 3) toasts.firstElementChild.remove();
  }).observe(toasts, { childList: true });

  function show(card) {
    for (const one of all()) one.hidden = one !== card;
    scrollTo(0, 0);
    arrange();
    // whoever is typing elsewhere is left there
    const at = document.activeElement;
    if (card && (!at || at === document.body || at.closest("#hand, #actions, #main"))) card.focus({ preventScroll: true });
  }

  function drop(card) {
    rowOf(card)?.remove();
    factsOf(card)?.remove();
    card.remove();
  }

  // brings the page in line with the cards that are there
  function arrange() {
    const first = hand.querySelector("[data-first]");
    if (first) {
      for (const one of hand.querySelectorAll("[data-first]")) delete one.dataset.first;
      if (current()) saring.settle();
      return show(first);
    }
    const card = current();
    if (!card && hand.querySelector(".card")) return show(all()[0]);
    const busy = hand.dataset.waiting !== "0";
    document.getElementById("clear").hidden = Boolean(card) || busy;
    document.getElementById("wait").hidden = Boolean(card) || !busy;
    for (const row of rail.children) {
      const isCurrent = row.dataset.comment === card?.dataset.comment;
      row.querySelector(".go").setAttribute("aria-current", isCurrent);
      row.classList.toggle("now", isCurrent);
      byId(row.dataset.comment)?.classList.toggle("picked", row.querySelector(".pick").checked);
    }
    if (!actions) return;
    actions.toggleAttribute("data-empty", !card);
    const count = saring.select.picked().length;
    const note = document.getElementById("picked");
    note.hidden = !count;
    note.textContent = text("selected", { num: count });
  }

  // takes cards off the page and shows the next; what `giveBack` needs
  function take(some) {
    const before = all();
    const place = before.indexOf(current());
    const taken = some.map((card) => ({ card, row: rowOf(card), facts: factsOf(card) }));
    const left = before.filter((card) => !some.includes(card));
    const next = some.includes(current()) ? (left.find((card) => before.indexOf(card) > place) ?? left.at(-1)) : current();
    some.forEach(drop);
    show(next);
    return taken;
  }

  function giveBack(taken) {
    for (const { card, row, facts } of taken.toReversed()) {
      if (byId(card.dataset.comment)) continue;
      hand.prepend(...[facts, card].filter(Boolean));
      if (row) rail.prepend(row);
    }
    if (taken.length) show(byId(taken[0].card.dataset.comment));
  }

  // a dialog gives the focus back to where it was, which is nowhere on a page that was only just opened
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => {
      const at = document.activeElement;
      if (!at || at === document.body || dialog.contains(at)) current()?.focus({ preventScroll: true });
    });
  }

  const saring = (window.saring = { hand, rail, actions, text, say });
  saring.cards = { all, current, byId, rowOf, factsOf, ids, alike, show, drop, arrange, take, giveBack };
})();
