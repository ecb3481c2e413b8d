// What every page has: times in the reader's own zone, the theme without a reload, menus that close.
"use strict";
(() => {
  const root = document.documentElement;
  const inFull = new Intl.DateTimeFormat(root.lang, { dateStyle: "medium", timeStyle: "short" });

  function localTimes() {
    for (const time of document.querySelectorAll("time:not([data-local])")) {
      time.title = inFull.format(new Date(time.dateTime));
      time.dataset.local = "";
    }
  }

  function setTheme(name) {
    document.cookie = `saring_theme=${name}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    root.dataset.theme = name;
    document.querySelector("meta[name=color-scheme]").content = name === "auto" ? "light dark" : name;
    for (const button of document.querySelectorAll("[data-themes] button")) button.setAttribute("aria-pressed", button.value === name);
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-themes]")) return;
    event.preventDefault();
    setTheme(event.submitter.value);
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("htmx:afterSwap", localTimes);
  localTimes();
})();
