// Tells the page that something has changed: `saring:changed` on document, with { kind, ids, by, user }. By a stream of events, or by
// asking every two seconds where there is none. `resync` means that what changed is unknown; after it nothing has been missed.
"use strict";
(() => {
  const ASK = 2_000; // without a stream
  const CHECK = 30_000; // with one, for what got lost on the way
  const RETRY = 30_000; // after the server has refused a stream
  const IDLE = 1_800_000; // a desk that nobody sits at asks for nothing
  const HIDDEN = 60_000; // nor one that nobody sees

  let stream = null;
  let told = false; // by the stream, all that changes
  let seen = ""; // the pulse that the page knows
  let asked = Date.now();
  let refused = 0;
  let asking = false;
  let hidden = 0;
  let lastSign = Date.now();

  function changed(detail) {
    document.dispatchEvent(new CustomEvent("saring:changed", { detail }));
  }

  const resync = () => changed({ kind: "resync", ids: [], by: null });

  function hear(event) {
    const detail = JSON.parse(event.data);
    told = detail.kind !== "away";
    if (told) changed(detail);
    else ask();
  }

  function open() {
    stream = new EventSource("/desk/events");
    stream.onmessage = hear;
    // the first message is a `resync`, so nothing is missed between two streams
    stream.onerror = () => {
      told = false;
      if (stream?.readyState !== EventSource.CLOSED) return;
      stream = null;
      refused = Date.now();
    };
  }

  function close() {
    stream?.close();
    stream = null;
    told = false;
  }

  async function ask() {
    if (asking) return;
    asking = true;
    asked = Date.now();
    try {
      const answer = await fetch(`/desk/pulse?seen=${seen}`, {
        headers: { "HX-Request": "true" },
        cache: "no-store",
        signal: AbortSignal.timeout(10_000),
      });
      // whoever is logged out learns it from the page's own requests
      if (answer.status === 401) resync();
      if (answer.status === 200) {
        seen = (await answer.json()).pulse;
        resync();
      }
    } catch {
      // the server is away: the next turn asks again
    } finally {
      asking = false;
    }
  }

  function turn() {
    const now = Date.now();
    if (now - lastSign > IDLE || (document.hidden && now - hidden > HIDDEN)) return close();
    if (document.hidden) return;
    if (!stream && now - refused > RETRY) open();
    if (now - asked >= (told ? CHECK : ASK)) ask();
  }

  for (const sign of ["keydown", "pointerdown", "wheel", "touchmove"]) {
    document.addEventListener(sign, () => (lastSign = Date.now()), { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => {
    hidden = lastSign = Date.now();
    turn();
  });
  addEventListener("pagehide", close);
  setInterval(turn, 500);
  turn();
})();
