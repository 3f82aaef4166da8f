// A changed cell without leaving the place one is at: the page that would follow is fetched and its tables taken over.
(function () {
  const form = document.querySelector("form[data-matrix]");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "cell") return;
    event.preventDefault();
    const cell = button.parentElement.id;
    form.setAttribute("aria-busy", "true");
    fetch(form.action, { method: "POST", body: new FormData(form, button), headers: { Accept: "text/html" } })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((html) => {
        const page = new DOMParser().parseFromString(html, "text/html");
        document.querySelectorAll("[data-matrix-part]").forEach((part) => {
          part.replaceWith(page.querySelector(`[data-matrix-part="${part.dataset.matrixPart}"]`));
        });
        document.querySelector(`#${cell} button`).focus({ preventScroll: true });
        form.removeAttribute("aria-busy");
      })
      // Anything unexpected is told by the ordinary page.
      .catch(() => {
        const sent = document.createElement("input");
        Object.assign(sent, { type: "hidden", name: "cell", value: button.value });
        form.append(sent);
        form.submit();
      });
  });
})();
