// What was done and is not saved yet. One request is under way at a time; decisions taken meanwhile go together in the next, so
// that no pace of keys outruns the server. What is refused or can't be told brings its cards back.
"use strict";
(() => {
  const { hand, cards, text, say } = saring;
  const MOST = 20; // decisions in one request
  const HAND = Number(hand.dataset.size);
  const PACE = 4_000; // ms; the hand grows by what was decided within them

  let unsent = [];
  let flying = []; // what the request under way tells
  let decidedAt = [];
  let wanted = 0; // cards asked for beyond the hand

  const away = (entries) => entries.flatMap(({ taken }) => cards.ids(taken.map(({ card }) => card)));

  function depth() {
    const since = Date.now() - PACE;
    decidedAt = decidedAt.filter((at) => at > since);
    return Math.max(HAND + 3 * decidedAt.length, wanted);
  }

  function count() {
    hand.dataset.waiting = unsent.length + flying.length;
  }

  // entry: path, taken (cards that it took away), and its values: `alone`, or a list of `many` that can go with others of its path
  function post(entry) {
    if (entry.taken) decidedAt.push(Date.now());
    unsent.push({ taken: [], ...entry });
    count();
    send();
  }

  function send() {
    if (flying.length || !unsent.length) return;
    const [{ path, many, field }] = unsent;
    const end = unsent.findIndex((entry, place) => place === MOST || !many || entry.path !== path);
    flying = unsent.splice(0, end < 0 ? unsent.length : Math.max(end, 1));
    const values = many ? { [field]: flying.flatMap((entry) => entry.many) } : (flying[0].alone ?? {});
    const options = { source: hand, target: hand, swap: "beforeend", values };
    htmx.ajax("POST", path, options).catch(() => {}); // failures come as htmx:afterRequest
  }

  // the last decision that nobody has been told of is taken back without asking
  function recall() {
    const entry = unsent.findLast(({ field }) => field === "act");
    if (!entry) return false;
    unsent = unsent.filter((one) => one !== entry);
    count();
    cards.giveBack(entry.taken);
    return true;
  }

  // an undo meant what was just not done: left waiting, it would take back what was done before
  function forgetUndo(sent) {
    if (sent[0]?.path === hand.dataset.claims) return;
    unsent = unsent.filter(({ path }) => path !== hand.dataset.undo);
    count();
  }

  // which cards the page holds is told when a request leaves, not when it was queued
  hand.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.formData;
    const held = [...cards.ids(cards.all()), ...away(unsent)];
    for (const id of held) form.append("shown", id);
    form.set("size", depth() + away(unsent).length);
  });

  hand.addEventListener("htmx:beforeSwap", (event) => {
    // nothing comes twice, whatever raced
    const fresh = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
    for (const card of fresh.querySelectorAll(".card")) {
      const old = document.getElementById(card.id);
      if (old) cards.drop(old);
    }
  });

  hand.addEventListener("htmx:afterRequest", (event) => {
    const [sent, status] = [flying, event.detail.xhr.status];
    flying = [];
    if (sent[0]?.path === hand.dataset.claims) wanted = 0;
    count();
    const lost = document.getElementById("lost");
    saring.lose(lost.value.split(" "));
    lost.value = "";
    if (!((status >= 200 && status < 300) || status === 409)) {
      say(text(status >= 400 && status < 500 ? "refused" : "failed"), "warn");
      const back = sent.flatMap(({ taken }) => taken);
      if (back.length && cards.current()) saring.settle();
      cards.giveBack(back);
      forgetUndo(sent);
    }
    if (status === 409) forgetUndo(sent);
    for (const { then } of sent) then?.();
    cards.arrange();
    send();
  });

  saring.outbox = {
    post,
    recall,
    idle: () => !unsent.length && !flying.length,
    // of what is under way, only what may be told twice: a note would be there twice
    unsaved: () => [...flying.filter(({ many }) => many), ...unsent],
    wantMore: () => (wanted = cards.all().length + 1),
  };
})();
