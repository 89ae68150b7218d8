// Keyboard and count-downs. Everything works without this file; it only saves hands and reloads.
"use strict";
(() => {
  const fill = (pattern, values) => pattern.replace(/\{(\w)\}/g, (_, name) => values[name]);

  function tick() {
    const now = Date.now() / 1000;
    for (const due of document.querySelectorAll("[data-deadline]")) {
      const left = Number(due.dataset.deadline) - now;
      const minutes = Math.floor(Math.abs(left) / 60);
      const values = { d: Math.floor(minutes / 1440), h: Math.floor(minutes / 60) % 24, m: minutes % 60 };
      const pattern = values.d ? due.dataset.d : values.h ? due.dataset.h : due.dataset.m;
      due.textContent = fill(left > 0 ? due.dataset.left : due.dataset.over, { x: fill(pattern, values) });
      due.classList.toggle("overdue", left <= 0);
      due.classList.toggle("soon", left > 0 && left < 3600);
      due.classList.toggle("later", left >= 3600);
    }
  }

  function move(step) {
    const items = [...document.querySelectorAll("[data-item]")];
    if (!items.length) return;
    const at = items.indexOf(document.activeElement);
    const next = items[Math.min(Math.max(at + step, 0), items.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  const go = (selector) => {
    const target = document.querySelector(selector);
    if (target) location.assign(target.href);
  };

  let intent = "c";
  function choose(key) {
    intent = key;
    const button = document.querySelector(`[data-decide] [data-key="${key}"]`);
    if (!button) return;
    const field = document.querySelector("#reason");
    (key === "d" && !field.value.trim() ? field : button).focus();
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    n: () => go("[data-next]"),
    u: () => go("[data-back]"),
    c: () => choose("c"),
    d: () => choose("d"),
    "/": () => {
      const field = document.querySelector("[data-search]");
      if (field) field.focus();
      else go('a[href="/search"]');
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
    const writing = event.target.closest("input, select, textarea");
    if (writing) {
      if (event.key === "Escape") writing.blur();
      return;
    }
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // Enter in the reason field leads to a button, it never presses one.
  const reason = document.querySelector("#reason");
  if (reason) reason.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    document.querySelector(`[data-decide] [data-key="${intent}"]`).focus();
  });

  // One press, one decision. The button stays enabled so that its value is sent.
  const form = document.querySelector("[data-decide]");
  let sent = false;
  if (form) form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });

  tick();
  setInterval(tick, 20000);
})();
