// A changed cell without leaving the place one is at: the page that would follow is fetched and its tables taken over.
(function () {
  const form = document.querySelector("form[data-matrix]");
  if (!form) return;
  // Arrow keys go from cell to cell: by Tab alone the last agency of the last indicator is a thousand steps away.
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  form.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const cell = event.target.closest("td");
    if (!step || !cell) return;
    event.preventDefault();
    let row = cell.parentElement;
    let column = cell.cellIndex;
    do {
      row = step[0] < 0 ? row.previousElementSibling : step[0] > 0 ? row.nextElementSibling : row;
      column += step[1];
      const button = row && row.cells[column] && row.cells[column].querySelector("button");
      if (button) return button.focus();
    } while (row && column > 0 && column < cell.parentElement.cells.length);
  });

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
