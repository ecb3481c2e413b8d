// The bar above a queue: the open queue is in sight, choosing an order shows it at once, and the address keeps only what differs
// from the usual.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const USUAL = { queue: "flagged", order: "risk" };

  // on a narrow screen the open queue may be off the edge
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  document.getElementById("order")?.addEventListener("change", () => form.requestSubmit());
  form?.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value || USUAL[name] === value) formData.delete(name);
  });
})();
