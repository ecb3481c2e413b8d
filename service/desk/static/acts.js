// What can be done to a card: decide, skip, undo, escalate, note, hide the author's others, ban. What touches more than one
// comment, or more than this comment, is asked about first; a single decision never is, since it can be undone.
"use strict";
(() => {
  const { hand, cards, outbox, select, text, say } = saring;
  const paths = hand.dataset;

  // opens a dialog; its form when it was agreed to, else null
  function ask(dialog) {
    const form = dialog.querySelector("form");
    dialog.showModal();
    return new Promise((done) => {
      // with the key itself: the dialog's own `close` comes later, and a page that closes at once would never hear it
      const agree = () => done(new FormData(form));
      form.addEventListener("submit", agree, { once: true });
      dialog.addEventListener("close", () => (form.removeEventListener("submit", agree), done(null)), { once: true });
    });
  }

  function open(name) {
    const dialog = document.getElementById(`ask-${name}`);
    dialog.querySelector("form").reset();
    return dialog;
  }

  for (const dialog of document.querySelectorAll("dialog.ask")) {
    dialog.addEventListener("click", (event) => event.target.closest("[data-close]") && dialog.close(""));
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || !event.target.matches("textarea")) return;
      event.preventDefault();
      dialog.querySelector("form").requestSubmit(dialog.querySelector("[value=yes]"));
    });
  }

  // asks whether so many comments are meant; one alone is not asked about
  async function sure(some, act) {
    if (some.length < 2) return some;
    const dialog = open("sure");
    const num = cards.alike(some);
    dialog.querySelector("h2").textContent = text(`${act}Many`, { num });
    dialog.querySelector("[value=yes]").textContent = text(`${act}Yes`, { num });
    dialog.querySelector("[value=yes]").className = act;
    const agreed = await ask(dialog);
    return agreed ? some.filter((card) => card.isConnected) : [];
  }

  const seen = (some) => some.map((card) => card.dataset.seen);

  async function decide(action, reason) {
    const found = select.targets();
    // without a wait for one alone: the next card is painted with this very key
    const some = found.length > 1 ? await sure(found, action) : found;
    if (!some.length || saring.settling()) return;
    const num = cards.alike(some);
    const act = [reason ? `${action}:${reason.value}` : action, ...seen(some)].join(" ");
    const taken = cards.take(some);
    outbox.post({ path: paths.decisions, field: "act", many: [act], taken });
    const said = `${action === "reject" ? "rejected" : "approved"}${num > 1 ? "Many" : ""}`;
    const why = reason ? ` (${reason.dataset.label})` : "";
    say(text(said, { num, why }), action === "reject" ? "no" : "ok");
  }

  function skip() {
    const some = select.targets();
    if (!some.length || saring.settling()) return;
    const comments = seen(some);
    outbox.post({ path: paths.skip, field: "comment", many: comments, taken: cards.take(some) });
    say(text("skipped"), "ok");
  }

  function undo() {
    if (outbox.recall()) return say(text("recalled"), "ok");
    outbox.post({ path: paths.undo });
  }

  async function escalate() {
    const found = select.targets();
    if (!found.length || !paths.escalate) return;
    if (seen(found).some((one) => !one.endsWith(":flagged"))) return say(text("onlyFlagged"), "warn");
    const dialog = open("escalate");
    const num = cards.alike(found);
    dialog.querySelector("h2").textContent = num > 1 ? text("escalateMany", { num }) : dialog.dataset.single;
    const form = await ask(dialog);
    const some = found.filter((card) => card.isConnected);
    if (!form || !some.length) return;
    const alone = { comment: seen(some), note: form.get("note"), sure: "1" };
    outbox.post({ path: paths.escalate, alone, taken: cards.take(some) });
    say(text("escalated"), "ok");
  }

  async function note() {
    const card = cards.current();
    if (!card) return;
    const form = await ask(open("note"));
    if (form?.get("text").trim()) outbox.post({ path: paths.notes, alone: { comment: card.dataset.seen, text: form.get("text") } });
  }

  const authorOf = (card) => card && cards.factsOf(card)?.dataset.author;

  async function hide() {
    const author = authorOf(cards.current());
    if (!author) return;
    const dialog = open("hide");
    const [told, yes] = [dialog.querySelector(".told"), dialog.querySelector("[value=yes]")];
    told.textContent = text("counting");
    yes.disabled = true;
    htmx.ajax("POST", paths.hide, { source: told, target: told, swap: "innerHTML", values: { author } }).then(() => {
      yes.disabled = !Number(told.querySelector("[data-count]")?.dataset.count ?? 0);
      if (!yes.disabled) yes.focus();
    }, () => {});
    const form = await ask(dialog);
    if (form) outbox.post({ path: paths.hide, alone: { author, sure: "1" } });
  }

  async function ban() {
    const author = authorOf(cards.current());
    if (!author) return;
    const form = await ask(open("ban"));
    if (form) outbox.post({ path: paths.ban, alone: { author, days: form.get("days"), note: form.get("note"), sure: "1" } });
  }

  saring.acts = {
    approve: () => decide("approve"),
    reject: (reason) => decide("reject", reason),
    skip, undo, escalate, note, hide, ban,
  };
})();
