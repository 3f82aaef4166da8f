// The figures follow each choice of a level: the form is sent as it stands, and what comes back takes the place of the parts.
(function () {
  const form = document.querySelector("form[data-whatif]");
  if (!form) return;
  let latest = 0;
  let waiting = null;

  function follow() {
    const mine = ++latest;
    form.setAttribute("aria-busy", "true");
    fetch(form.dataset.whatif, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } })
      .then((answer) => answer.text())
      .then((html) => {
        if (mine !== latest) return; // a later choice is under way
        const page = new DOMParser().parseFromString(html, "text/html");
        document.querySelectorAll("[data-answer-part]").forEach((part) => {
          const fresh = page.querySelector(`[data-answer-part="${part.dataset.answerPart}"]`);
          if (!fresh) return Promise.reject(new Error("no figures"));
          part.replaceWith(fresh);
        });
        form.removeAttribute("aria-busy");
      })
      // Anything unexpected is told by the ordinary page.
      .catch(() => {
        const sent = document.createElement("input");
        Object.assign(sent, { type: "hidden", name: "compute", value: "1" });
        form.append(sent);
        form.submit();
      });
  }

  form.addEventListener("change", (event) => {
    if (!event.target.name.startsWith("level_")) return;
    const row = event.target.closest("tr");
    row.classList.remove("is-raised", "is-fallen", "is-void");
    row.classList.toggle("is-changed", event.target.value !== row.dataset.present);
    clearTimeout(waiting);
    waiting = setTimeout(follow, 120);
  });
})();
