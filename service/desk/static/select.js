// Selecting cards: by x, by the boxes in the rail, and a whole range with shift.
"use strict";
(() => {
  const { rail, cards } = saring;
  let anchor = null; // the comment that was selected last: where a range begins

  const boxes = () => [...rail.querySelectorAll(".pick")];
  const boxOf = (card) => card && cards.rowOf(card)?.querySelector(".pick");
  const picked = () => cards.all().filter((card) => boxOf(card)?.checked);

  function extend(box) {
    const some = boxes();
    const from = some.findIndex((one) => one.closest("li").dataset.comment === anchor);
    const to = some.indexOf(box);
    if (from < 0 || to < 0) return false;
    for (const one of some.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = true;
    return true;
  }

  function choose(box, ranged) {
    if (!(ranged && extend(box))) box.checked = !box.checked;
    anchor = box.closest("li").dataset.comment;
    cards.arrange();
  }

  function clear() {
    for (const box of boxes()) box.checked = false;
    anchor = null;
    cards.arrange();
  }

  rail.addEventListener("click", (event) => {
    const row = event.target.closest("li");
    const box = row?.querySelector(".pick");
    if (!box) return;
    if (event.target === box) {
      // the browser has turned the box already
      if (event.shiftKey) extend(box);
      anchor = row.dataset.comment;
      cards.arrange();
    } else if (event.shiftKey) choose(box, true);
    else if (event.target.closest(".go")) cards.show(cards.byId(row.dataset.comment));
  });

  saring.select = {
    picked,
    clear,
    // the selected cards, or else the one in sight
    targets: () => (picked().length ? picked() : [cards.current()].filter(Boolean)),
    toggle: (ranged) => boxOf(cards.current()) && choose(boxOf(cards.current()), ranged),
  };
})();
