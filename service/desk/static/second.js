// A second look by keyboard: the keys of the queue press the page's buttons.
"use strict";
(() => {
  const form = document.querySelector("form.look");
  let sent = false;
  form?.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  document.addEventListener("keydown", (event) => {
    if (!form || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const button = form.querySelector(`button[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
})();
