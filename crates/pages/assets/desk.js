// Chats at the desk: lines come by themselves, and what is said goes without a new page. Both work without it.
(() => {
  "use strict";

  const last = (list) => Number(list.dataset.last) || 0;

  const streams = new Map();

  const listen = (list) => {
    if (list.dataset.over) return;
    if (streams.has(list)) streams.get(list).close();
    const source = new EventSource(`${list.dataset.chat}/events?after=${last(list)}`);
    streams.set(list, source);
    const typing = list.closest("section").querySelector("[data-typing]");
    source.addEventListener("line", (event) => {
      const seq = Number(event.lastEventId);
      // A line that came before the connection broke may come again.
      if (seq <= last(list)) return;
      list.insertAdjacentHTML("beforeend", event.data);
      list.dataset.last = String(seq);
      list.parentElement.scrollTop = list.parentElement.scrollHeight;
      if (typing) typing.hidden = true;
    });
    source.addEventListener("typing", (event) => {
      if (!typing) return;
      typing.hidden = false;
      setTimeout(() => { typing.hidden = true; }, Number(event.data));
    });
    source.addEventListener("over", () => {
      list.dataset.over = "yes";
      source.close();
    });
  };

  const listenToAll = () => document.querySelectorAll("[data-chat]").forEach(listen);

  // What one says comes back by the stream, or the stream is opened anew: it may be dead one way without the browser's knowing.
  const isHeard = (list) => {
    const before = last(list);
    setTimeout(() => last(list) === before && listen(list), 4000);
  };

  // No more than one note of typing every three seconds.
  const types = (form) => {
    const now = Date.now();
    if (now - (Number(form.dataset.typed) || 0) < 3000) return;
    form.dataset.typed = String(now);
    const body = new URLSearchParams({ form_token: form.elements.form_token.value });
    fetch(form.action.replace(/\/say$/, "/typing"), { method: "POST", body }).catch(() => {});
  };

  addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-says") || (event.submitter && event.submitter.name === "do")) return;
    event.preventDefault();
    const text = form.elements.text;
    if (!text.value.trim() || form.dataset.sending) return;
    form.dataset.sending = "now";
    const lost = form.parentElement.querySelector("[data-lost]");
    try {
      // The same name of the line until it has arrived: sent again it is said once.
      const sent = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      lost.hidden = sent.ok;
      if (sent.ok) {
        text.value = "";
        const list = form.closest("section").querySelector("[data-chat]");
        if (list) isHeard(list);
        form.elements.client_id.value = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
      }
    } catch {
      lost.hidden = false;
    }
    delete form.dataset.sending;
    text.focus();
  });

  addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-says") && event.target.name === "text") types(form);
  });

  addEventListener("keydown", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-says") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && listenToAll());
  addEventListener("online", listenToAll);
  for (const list of document.querySelectorAll("[data-chat]")) {
    list.parentElement.scrollTop = list.parentElement.scrollHeight;
  }
  listenToAll();
})();
