// What pages need beside htmx: no more than comfort. Every form works without it.
(() => {
  "use strict";

  // A second click while the first is under way would only be refused as a repeat.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-again")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 10000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // A slider and a field of the same amount move together.
  addEventListener("input", (event) => {
    const twin = event.target.dataset && event.target.dataset.twin;
    const other = twin && document.getElementById(twin);
    if (other) other.value = event.target.value;
  });

  // Choices that send their form by themselves; their button is for browsers without scripts.
  addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && event.target.hasAttribute("data-sends")) form.requestSubmit();
  });

  addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.textContent = button.dataset.copied;
    });
  });

  // A page that is drawn again in its place stands at its own address: loading it again shows the same.
  addEventListener("htmx:afterSwap", (event) => {
    const form = event.detail.requestConfig && event.detail.requestConfig.elt.closest("[data-address]");
    if (form) history.replaceState(null, "", event.detail.pathInfo.finalRequestPath);
  });

  document.documentElement.classList.add("scripted");
})();
