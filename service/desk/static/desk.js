// The queue by keyboard. The page holds a hand of cards: a decision shows the next one at once and is sent behind it (outbox.js).
// This file listens: to keys, to buttons, to the clock and to what others do.
"use strict";
(() => {
  const { hand, rail, actions, cards, select, outbox, acts, text, say } = saring;
  const help = document.getElementById("keys");
  const RENEW = 60_000; // claims last five minutes
  const LOOK = 5_000; // for new comments, while the queue is clear
  const IDLE = 600_000; // after that long without a sign of life the cards go to others
  const SETTLE = 600; // a card that came unasked is not decided by a key meant for the one before

  let lastSign = Date.now();
  let lastRenewal = Date.now();
  let changedAt = 0;
  let due = false; // somebody changed the queue since the last renewal

  saring.settle = () => (changedAt = Date.now());
  saring.settling = () => Date.now() - changedAt < SETTLE;

  // takes away what is no longer ours
  saring.lose = (ids) => {
    const before = cards.current();
    for (const id of ids) if (cards.byId(id)) cards.drop(cards.byId(id));
    if (before && !before.isConnected && hand.querySelector(".card")) saring.settle();
  };

  function renew(then) {
    lastRenewal = Date.now();
    due = false;
    outbox.post({ path: hand.dataset.claims, then });
  }

  function move(step) {
    const all = cards.all();
    const from = all.indexOf(cards.current());
    if (all[from + step]) return cards.show(all[from + step]);
    if (step < 0 || !actions) return;
    outbox.wantMore();
    renew(() => {
      const now = cards.all();
      const next = now[now.indexOf(cards.current()) + 1];
      if (next) cards.show(next);
    });
  }

  const reasons = actions ? [...actions.querySelectorAll("[data-do=reason]")] : [];
  const does = {
    ...acts,
    reason: (button) => acts.reject(button),
    reject: () => acts.reject(),
    pick: (_button, ranged) => select.toggle(ranged),
    help: () => help.showModal(),
    next: () => move(1),
    previous: () => move(-1),
    search: () => document.getElementById("search").focus(),
  };
  const KEYS = {
    a: "approve", r: "reject", s: "skip", u: "undo", e: "escalate", n: "note", h: "hide", b: "ban",
    j: "next", k: "previous", x: "pick", "/": "search", "?": "help",
  };
  const REPEATS = ["next", "previous"];
  const LOOKS = ["next", "previous", "search", "help"]; // what those may who only look

  function typing(element) {
    return element.matches("textarea, select, input:not([type=checkbox])") || element.isContentEditable;
  }

  function asked(event) {
    return Boolean(document.querySelector("dialog[open]")) || event.ctrlKey || event.metaKey || event.altKey;
  }

  document.addEventListener("keydown", (event) => {
    lastSign = Date.now();
    if (event.defaultPrevented || asked(event)) return;
    if (event.key === "Escape") {
      if (typing(event.target)) event.target.blur();
      return select.clear();
    }
    if (typing(event.target) || hand.dataset.keys === "off") return;
    const reason = reasons.find((button) => button.dataset.key === event.key);
    const act = reason ? "reason" : KEYS[event.key.toLowerCase()];
    if (!act || (!actions && !LOOKS.includes(act))) return;
    event.preventDefault();
    if (!event.repeat || REPEATS.includes(act)) does[act](reason, event.shiftKey);
  });
  for (const sign of ["pointerdown", "wheel", "touchmove"]) {
    document.addEventListener(sign, () => (lastSign = Date.now()), { passive: true });
  }

  actions?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    event.preventDefault();
    const menu = button.closest("details");
    if (menu) menu.open = false;
    does[button.dataset.do](button, event.shiftKey);
  });

  document.getElementById("keys-on")?.addEventListener("change", (event) => {
    hand.dataset.keys = event.target.checked ? "on" : "off";
    document.cookie = `saring_keys=${hand.dataset.keys}; path=/; max-age=31536000; samesite=lax`;
  });

  // what others did (live.js tells): their cards go at once, the rest is asked for at most once a second
  document.addEventListener("saring:changed", ({ detail }) => {
    if (detail.user && detail.user === hand.dataset.user) return;
    if (detail.kind === "decided" && detail.ids.some((id) => cards.byId(id))) {
      saring.lose(detail.ids);
      say(text("taken", { name: detail.by ?? text("somebody") }), "warn");
      cards.arrange();
    }
    due = true;
    // `resync` also comes when the page begins to listen: whoever only looks is told of what is known to have changed
    if (!actions && detail.kind !== "resync") document.getElementById("stale").hidden = false;
  });

  if (actions) {
    const waitFor = () => (!cards.all().length ? LOOK : RENEW);
    setInterval(() => {
      const age = Date.now() - lastRenewal;
      const wait = due ? (cards.all().length < Number(hand.dataset.size) ? 1_000 : LOOK) : waitFor();
      if (age >= wait && outbox.idle() && Date.now() - lastSign < IDLE) renew();
    }, 1_000);
    addEventListener("pagehide", () => {
      const beacon = (path, pairs) => {
        const form = new FormData();
        for (const [name, value] of [["csrf_token", hand.dataset.token], ["closing", "1"], ...pairs]) form.append(name, value);
        navigator.sendBeacon(path, form);
      };
      for (const { path, field, many, alone } of outbox.unsaved()) {
        const pairs = many ? many.map((value) => [field, value]) : Object.entries(alone ?? {});
        if (pairs.length) beacon(path, pairs.flatMap(([name, value]) => [value].flat().map((one) => [name, one])));
      }
      const until = document.getElementById("until").value;
      beacon(hand.dataset.leave, [["until", until], ...cards.ids(cards.all()).map((id) => ["shown", id])]);
    });
    addEventListener("pageshow", (event) => event.persisted && renew());
    // the page came with its first card alone
    if (cards.current()) renew();
  }
  cards.arrange();
})();
