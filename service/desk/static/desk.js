// The queue by keyboard. The page holds a hand of cards: a decision shows the next one at once and is sent behind it, one request
// after the other (htmx queues them); what the server refuses or can't be told brings the card back.
"use strict";
(() => {
  const hand = document.getElementById("hand");
  const actions = document.getElementById("actions");
  const rail = document.getElementById("rail");
  const dialog = document.getElementById("keys");
  const toasts = document.getElementById("toasts");
  const RENEW = 60_000; // claims last five minutes
  const LOOK = 5_000; // for new comments, while the queue is clear
  const IDLE = 600_000; // after that long without a sign of life the cards go to others
  const TOAST = 6_000;

  const unsaved = new Map(); // turn -> the cards it took away and what was sent
  let turn = 0;
  let waiting = 0; // requests not yet answered
  let wantsNext = false;
  let lastSign = Date.now();
  let lastRenewal = Date.now();

  const cards = () => [...hand.querySelectorAll(".card")];
  const current = () => hand.querySelector(".card:not([hidden])");
  const rowOf = (card) => document.getElementById(`rail-${card.dataset.comment}`);
  const picked = () => cards().filter((card) => rowOf(card)?.querySelector(".pick").checked);
  const ids = (some) => some.map((card) => card.dataset.comment);

  function toast(text, kind) {
    const line = document.createElement("p");
    line.className = `toast ${kind}`;
    line.textContent = text;
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
    for (const one of cards()) one.hidden = one !== card;
    scrollTo(0, 0);
    arrange();
    if (card && !document.activeElement?.closest(".side")) card.focus({ preventScroll: true });
  }

  function drop(card) {
    rowOf(card)?.remove();
    card.remove();
  }

  // brings the page in line with the cards that are there
  function arrange() {
    hand.dataset.waiting = waiting;
    const first = hand.querySelector("[data-first]");
    if (first) {
      delete first.dataset.first;
      return show(first);
    }
    if (!current() && cards().length) return show(cards()[0]);
    const card = current();
    document.getElementById("clear").hidden = Boolean(card) || waiting > 0;
    document.getElementById("wait").hidden = Boolean(card) || waiting === 0;
    for (const row of rail.children) {
      const isCurrent = row.dataset.comment === card?.dataset.comment;
      row.querySelector(".go").setAttribute("aria-current", isCurrent);
      row.classList.toggle("now", isCurrent);
      document.getElementById(`card-${row.dataset.comment}`)?.classList.toggle("picked", row.querySelector(".pick").checked);
    }
    if (!actions) return;
    actions.toggleAttribute("data-empty", !card);
    actions.elements.comment.value = card ? card.dataset.seen : "";
    const count = picked().length;
    const note = document.getElementById("picked");
    note.hidden = !count;
    note.textContent = `${count} ${hand.dataset.selected}`;
  }

  function send(path, values, taken = []) {
    const name = String(++turn);
    if (taken.length) unsaved.set(name, { path, values, taken });
    hand.dataset.waiting = waiting += 1;
    const options = { source: hand, target: hand, swap: "beforeend", values: { ...values, turn: name } };
    htmx.ajax("POST", path, options).catch(() => {}); // failures come as htmx:afterRequest
  }

  // takes cards off the page and shows the next, before the server has answered
  function take(some) {
    const all = cards();
    const place = all.indexOf(current());
    const taken = some.map((card) => ({ card, row: rowOf(card) }));
    const left = all.filter((card) => !some.includes(card));
    const next = some.includes(current()) ? (left.find((card) => all.indexOf(card) > place) ?? left.at(-1)) : current();
    some.forEach(drop);
    return { taken, next };
  }

  function giveBack(taken) {
    for (const { card, row } of taken.toReversed()) {
      hand.prepend(card);
      if (row) rail.prepend(row);
    }
    show(taken[0].card);
  }

  function targets() {
    const some = picked();
    return some.length ? some : current() ? [current()] : [];
  }

  function decide(action, path, said) {
    const some = targets();
    if (!some.length) return;
    const seen = some.map((card) => card.dataset.seen);
    const { taken, next } = take(some);
    send(path, { action, comment: seen }, taken);
    show(next);
    toast(said, action === "reject" ? "no" : "ok");
  }

  function move(step) {
    const all = cards();
    const next = all[all.indexOf(current()) + step];
    if (next) return show(next);
    if (step > 0 && actions) {
      wantsNext = true;
      renew({ more: "1" });
    }
  }

  function pick() {
    const box = current() && rowOf(current())?.querySelector(".pick");
    if (box) box.checked = !box.checked;
    arrange();
  }

  function renew(values = {}) {
    lastRenewal = Date.now();
    send(hand.dataset.claims, values);
  }

  const acts = {
    approve: () => decide("approve", hand.dataset.decisions, hand.dataset.approved),
    reject: () => decide("reject", hand.dataset.decisions, hand.dataset.rejected),
    skip: () => decide("skip", hand.dataset.skip, hand.dataset.skipped),
    undo: () => send(hand.dataset.undo, {}),
    help: () => dialog.showModal(),
    pick,
    next: () => move(1),
    previous: () => move(-1),
    search: () => document.getElementById("search").focus(),
  };
  const KEYS = { a: "approve", r: "reject", s: "skip", u: "undo", j: "next", k: "previous", x: "pick", "/": "search", "?": "help" };
  const REPEATS = ["next", "previous"];

  function typing(element) {
    return element.matches("textarea, select, input:not([type=checkbox])") || element.isContentEditable;
  }

  document.addEventListener("keydown", (event) => {
    lastSign = Date.now();
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog?.open) return;
    if (event.key === "Escape") {
      for (const box of rail.querySelectorAll(".pick:checked")) box.checked = false;
      if (typing(event.target)) event.target.blur();
      return arrange();
    }
    const act = KEYS[event.key.toLowerCase()];
    if (!act || typing(event.target) || hand.dataset.keys === "off") return;
    if (!actions && !["next", "previous", "search"].includes(act)) return;
    event.preventDefault();
    if (!event.repeat || REPEATS.includes(act)) acts[act]();
  });
  for (const sign of ["pointerdown", "wheel", "touchmove"]) {
    document.addEventListener(sign, () => (lastSign = Date.now()), { passive: true });
  }

  rail.addEventListener("change", arrange);
  rail.addEventListener("click", (event) => {
    const row = event.target.closest(".go")?.closest("li");
    if (row) show(document.getElementById(`card-${row.dataset.comment}`));
  });

  actions?.addEventListener("click", (event) => {
    const act = event.target.closest("[data-do]")?.dataset.do;
    if (!act) return;
    event.preventDefault();
    acts[act]();
  });

  document.getElementById("keys-on")?.addEventListener("change", (event) => {
    hand.dataset.keys = event.target.checked ? "on" : "off";
    document.cookie = `saring_keys=${hand.dataset.keys}; path=/; max-age=31536000; samesite=lax`;
  });

  // which cards the page holds is told when a request leaves, not when it was queued
  hand.addEventListener("htmx:configRequest", (event) => {
    const own = event.detail.parameters.turn;
    const away = [...unsaved].filter(([name]) => name !== own).flatMap(([, { taken }]) => ids(taken.map(({ card }) => card)));
    const form = event.detail.formData;
    for (const id of [...ids(cards()), ...away]) form.append("shown", id);
  });

  hand.addEventListener("htmx:beforeSwap", (event) => {
    // nothing comes twice, whatever raced
    const fresh = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
    for (const card of fresh.querySelectorAll(".card")) {
      const old = document.getElementById(card.id);
      if (old) drop(old);
    }
  });

  hand.addEventListener("htmx:afterRequest", (event) => {
    waiting -= 1;
    const name = event.detail.requestConfig.parameters.turn;
    const sent = unsaved.get(name);
    const status = event.detail.xhr.status;
    unsaved.delete(name);
    const lost = document.getElementById("lost");
    for (const id of lost.value.split(" ")) {
      const card = document.getElementById(`card-${id}`);
      if (card) drop(card);
    }
    lost.value = "";
    if (!((status >= 200 && status < 300) || status === 409)) {
      toast(status >= 400 && status < 500 ? hand.dataset.refused : hand.dataset.failed, "warn");
      if (sent) giveBack(sent.taken);
    }
    if (wantsNext && waiting === 0) {
      wantsNext = false;
      const all = cards();
      const next = all[all.indexOf(current()) + 1];
      if (next) return show(next);
    }
    arrange();
  });

  if (actions) {
    setInterval(() => {
      const due = Date.now() - lastRenewal >= (cards().length ? RENEW : LOOK);
      if (due && waiting === 0 && Date.now() - lastSign < IDLE) renew();
    }, 1_000);
    addEventListener("pagehide", () => {
      const beacon = (path, pairs) => {
        const form = new FormData();
        for (const [name, value] of [["csrf_token", hand.dataset.token], ...pairs]) form.append(name, value);
        navigator.sendBeacon(path, form);
      };
      for (const { path, values } of unsaved.values()) {
        beacon(path, [["action", values.action], ...values.comment.map((seen) => ["comment", seen])]);
      }
      const until = document.getElementById("until").value;
      beacon(hand.dataset.leave, [["until", until], ...ids(cards()).map((id) => ["shown", id])]);
    });
    addEventListener("pageshow", (event) => event.persisted && renew());
  }
  arrange();
})();
