// The figures follow each choice of a level: the form is sent as it stands, and what comes back takes the place of the parts.
(function () {
  const form = document.querySelector("form[data-whatif]");
  if (!form) return;
  const isLevel = (field) => (field.name || "").startsWith("level_");
  let latest = 0;
  let waiting = null;
  form.querySelector("[name=compute]").remove(); // or Enter in the name would compute instead of storing

  function take(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const parts = [...document.querySelectorAll("[data-answer-part]")];
    const fresh = parts.map((part) => page.querySelector(`[data-answer-part="${part.dataset.answerPart}"]`));
    if (fresh.includes(null)) throw new Error("no figures");
    parts.forEach((part, place) => part.replaceWith(fresh[place]));
    const isVoid = new Set((fresh[0].dataset.void || "").split(" "));
    form.querySelectorAll("tr[data-number]").forEach((row) => {
      row.classList.toggle("is-void", isVoid.has(row.dataset.number));
    });
  }

  function follow() {
    const mine = ++latest;
    form.setAttribute("aria-busy", "true");
    fetch(form.dataset.whatif, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } })
      .then((answer) => answer.text())
      .then((html) => {
        if (mine !== latest) return; // a later choice is under way
        take(html);
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

  function mark(field) {
    const row = field.closest("tr");
    row.classList.remove("is-raised", "is-fallen");
    row.classList.toggle("is-changed", field.value !== row.dataset.present);
  }

  form.addEventListener("change", (event) => {
    if (!isLevel(event.target)) return;
    mark(event.target);
    clearTimeout(waiting);
    waiting = setTimeout(follow, 120);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || !isLevel(event.target)) return;
    event.preventDefault();
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });
  // A browser that comes back to the page puts the choices back, but not the figures.
  const initial = (field) =>
    field.options ? ([...field.options].find((each) => each.defaultSelected) || field).value : field.defaultValue;
  window.addEventListener("pageshow", () => {
    const moved = [...form.elements].filter((field) => isLevel(field) && field.value !== initial(field));
    moved.forEach(mark);
    if (moved.length) follow();
  });
})();
