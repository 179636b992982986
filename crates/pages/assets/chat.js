// A chat that is live: what is said comes as parts of the page, and what one says goes out without leaving it.
// Without this script the page does the same with each look at it.
(() => {
  "use strict";
  const lines = document.getElementById("lines");
  const form = document.getElementById("say");
  const typing = document.querySelector("#typing > span");
  const trouble = document.getElementById("trouble");
  if (!lines || lines.dataset.over) return;

  let last = Number(lines.dataset.after);
  let stream;
  let isOver = false;
  let hideTyping;

  const showLast = () => {
    const line = lines.lastElementChild;
    if (line) line.scrollIntoView({ block: "nearest" });
  };

  const hear = {
    line: (event) => {
      const seq = Number(event.lastEventId);
      if (seq <= last) return;
      last = seq;
      lines.insertAdjacentHTML("beforeend", event.data);
      typing.hidden = true;
      showLast();
    },
    standing: (event) => {
      document.getElementById("standing").innerHTML = event.data;
    },
    typing: (event) => {
      typing.hidden = false;
      clearTimeout(hideTyping);
      hideTyping = setTimeout(() => (typing.hidden = true), Number(event.data));
    },
    over: () => {
      isOver = true;
      stream.close();
      typing.hidden = true;
      if (form) form.hidden = true;
      const leave = document.getElementById("leave");
      if (leave) leave.hidden = true;
    },
    open: () => (trouble.hidden = true),
    error: () => (trouble.hidden = false),
  };

  // The browser comes again by itself, and says which line it got last: none is lost, and none shown twice.
  const listen = () => {
    if (isOver) return;
    if (stream) stream.close();
    stream = new EventSource(`${lines.dataset.events}?after=${last}`);
    for (const [what, does] of Object.entries(hear)) stream.addEventListener(what, does);
  };

  // A connection may be dead one way without the browser's knowing: after a phone was locked, or a network changed.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && listen());
  addEventListener("online", listen);
  listen();
  showLast();
  if (!form) return;

  // What one says comes back by the stream, or the stream is opened anew.
  const isHeard = () => {
    const before = last;
    setTimeout(() => last === before && listen(), 4000);
  };

  const text = form.elements.text;
  const id = form.elements.client_id;
  const first = id.value;
  let said = 0;
  let isSending = false;

  const send = async () => {
    if (isSending || !text.value.trim()) return;
    isSending = true;
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(String(answer.status));
      said += 1;
      id.value = `${first}-${said}`;
      text.value = "";
      trouble.hidden = true;
      isHeard();
    } catch {
      // Sent again under the same name, it is said once.
      trouble.hidden = false;
    } finally {
      isSending = false;
      text.focus();
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  });

  let typedAt = 0;
  text.addEventListener("input", () => {
    const now = Date.now();
    if (now - typedAt < 3000) return;
    typedAt = now;
    const body = new URLSearchParams({ form_token: form.elements.form_token.value });
    fetch(form.dataset.typing, { method: "POST", body }).catch(() => {});
  });
})();
