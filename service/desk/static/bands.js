// A band of scores: the handles push each other, the chart and the number follow at once, and a whole band is asked about before
// it is decided.
"use strict";
(() => {
  const form = document.getElementById("band");
  const act = document.getElementById("band-act");
  const dialog = document.getElementById("ask-sure");
  const [low, high] = [form.elements.low, form.elements.high];
  const columns = [...form.querySelectorAll(".column")];
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
  const BARS = columns.length;
  let count = Number(document.getElementById("count").textContent);

  function follow() {
    const [from, to] = [Math.round(low.value * BARS), Math.round(high.value * BARS)];
    columns.forEach((column, place) => column.classList.toggle("chosen", from <= place && place < to));
    count = columns.slice(from, to).reduce((sum, column) => sum + Number(column.dataset.count), 0);
    document.getElementById("count").textContent = number.format(count);
    document.getElementById("low-said").textContent = number.format(low.value);
    document.getElementById("high-said").textContent = number.format(high.value);
    for (const button of act.querySelectorAll("button")) button.disabled = !count;
    const view = new URLSearchParams(new FormData(form));
    act.action = `${act.getAttribute("action").split("?")[0]}?${view}`;
    history.replaceState(null, "", `?${view}`);
  }

  form.addEventListener("input", (event) => {
    if (!event.target.matches(".handle")) return;
    // a bar at least lies between them
    const step = 1 / BARS;
    if (high.value - low.value < step / 2) {
      if (event.target === low) {
        low.value = Math.min(low.value, 1 - step);
        high.value = Number(low.value) + step;
      } else {
        high.value = Math.max(high.value, step);
        low.value = Number(high.value) - step;
      }
    }
    follow();
  });
  document.getElementById("attribute").addEventListener("change", () => form.submit());

  act.addEventListener("submit", (event) => {
    if (act.elements.sure) return;
    event.preventDefault();
    const { name, value } = event.submitter;
    const kind = name === "reason" ? "reject" : value;
    const num = number.format(Math.min(count, Number(form.dataset.atOnce)));
    dialog.querySelector("h2").textContent = dialog.dataset[kind].replace("{num}", num);
    dialog.querySelector("[value=yes]").className = kind;
    dialog.addEventListener("close", () => dialog.returnValue === "yes" && decide(name, value), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("click", (event) => event.target.closest("[data-close]") && dialog.close(""));

  function decide(name, value) {
    for (const [key, said] of [[name, value], ["sure", "1"]]) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: key, value: said });
      act.append(field);
    }
    act.submit();
  }
})();
