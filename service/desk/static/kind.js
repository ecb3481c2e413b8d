// Kind to people: blurred texts are shown while `v` or a button is held, and who works long without a break is told once in a while.
"use strict";
(() => {
  const root = document.documentElement;
  const hand = document.getElementById("hand");
  const TAP = 300; // ms; a shorter press keeps the text in sight until the next card
  const PAUSE = 300_000; // so long without a sign of life is a break
  const AGAIN = 900_000; // after "Later"
  const TODAY = 300_000; // between two looks at what one has seen
  const WORK = "saring_work";

  // blurred texts

  let kept = null; // the card, or page, whose texts stay in sight
  const inSight = () => hand?.querySelector(".card:not([hidden])") ?? document.body;

  function look(shown) {
    root.toggleAttribute("data-unveiled", shown);
    for (const button of document.querySelectorAll(".unveil")) button.setAttribute("aria-pressed", shown);
  }

  function letGo() {
    if (!kept) look(false);
  }

  function press(target) {
    const began = Date.now();
    look(true);
    const up = () => {
      for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) removeEventListener(end, up, true);
      // a click, by whatever means, holds it for those who can't hold
      kept = target && Date.now() - began < TAP && !kept ? inSight() : null;
      letGo();
    };
    for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(end, up, true);
  }

  const typing = (element) => element.matches("textarea, select, input:not([type=checkbox], [type=radio])") || element.isContentEditable;

  document.addEventListener("keydown", (event) => {
    const button = event.target.closest?.(".unveil");
    if (button && [" ", "Enter"].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) press(button);
      return;
    }
    if (event.key.toLowerCase() !== "v" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (root.dataset.keys !== "off" && hand?.dataset.keys !== "off") look(true);
  }, true);
  document.addEventListener("keyup", (event) => event.key.toLowerCase() === "v" && letGo(), true);
  addEventListener("blur", letGo);

  document.addEventListener("pointerdown", (event) => {
    const button = event.target.closest(".unveil");
    if (button && event.button === 0) press(button);
    else if (event.pointerType !== "mouse" && event.target.closest(".veil") && !event.target.closest("a, button")) press(null);
  });
  // of assistive technology: a click without a press before it
  document.addEventListener("click", (event) => {
    if (event.detail !== 0 || !event.target.closest(".unveil")) return;
    kept = kept ? null : inSight();
    look(Boolean(kept));
  });

  // the next card begins blurred again
  if (hand) {
    new MutationObserver(() => {
      if (!kept || kept === inSight()) return;
      kept = null;
      look(false);
    }).observe(hand, { childList: true, subtree: true, attributeFilter: ["hidden"] });
  } else {
    const some = { worst: "[data-veil]", all: ".veil" }[root.dataset.blur];
    document.getElementById("veiled").hidden = !some || !document.querySelector(some) || Boolean(document.querySelector(".text + .unveil"));
  }

  // breaks: counted here, told to nobody

  const rest = document.getElementById("rest");
  const minutes = Number(rest.parentElement.dataset.rest);
  const words = rest.firstElementChild.textContent;
  let noted = 0;
  let looked = Date.now();

  function work() {
    try {
      return JSON.parse(localStorage.getItem(WORK)) ?? {};
    } catch {
      return {};
    }
  }

  function note() {
    const now = Date.now();
    if (now - noted < 1_000) return;
    noted = now;
    let { since = now, last = now, later = 0 } = work();
    if (now - last > PAUSE || last > now || since > now) [since, later] = [now, 0];
    try {
      localStorage.setItem(WORK, JSON.stringify({ since, last: now, later }));
    } catch {
      return; // a browser that keeps nothing counts nothing
    }
    const worked = now - since;
    const due = minutes > 0 && worked >= minutes * 60_000 && now >= later;
    if (due) rest.firstElementChild.textContent = words.replace("{minutes}", Math.floor(worked / 60_000));
    rest.hidden = !due;
    if (now - looked > TODAY) {
      looked = now;
      document.dispatchEvent(new CustomEvent("saring:today"));
    }
  }

  rest.querySelector("button").addEventListener("click", () => {
    const later = Date.now() + AGAIN;
    localStorage.setItem(WORK, JSON.stringify({ ...work(), later }));
    rest.hidden = true;
    document.getElementById("main")?.focus({ preventScroll: true });
  });
  for (const sign of ["keydown", "pointerdown", "wheel", "touchmove"]) {
    document.addEventListener(sign, note, { passive: true, capture: true });
  }
})();
