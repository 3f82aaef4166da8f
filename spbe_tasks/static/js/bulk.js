// Ticking a whole page, and how many are ticked. Without this file each row is ticked by itself.
(function () {
  const form = document.querySelector("form[data-bulk]");
  if (!form) return;
  const page = form.querySelector("[data-bulk-page]");
  const count = form.querySelector("[data-bulk-count]");
  const all = form.querySelector("[name=all]");
  const ticks = () => [...document.querySelectorAll('input[name="task"][form="bulk"]')];
  const tell = () => {
    const ticked = ticks().filter((each) => each.checked).length;
    count.textContent = all && all.checked ? "" : ticked ? `(${ticked})` : "";
    page.checked = ticked > 0 && ticked === ticks().length;
    page.indeterminate = ticked > 0 && !page.checked;
    document.body.classList.toggle("has-ticks", ticked > 0 || Boolean(all && all.checked));
  };
  page.addEventListener("change", () => {
    ticks().forEach((each) => (each.checked = page.checked));
    tell();
  });
  document.addEventListener("change", (event) => event.target !== page && tell());
  // A page restored from history keeps its ticks.
  window.addEventListener("pageshow", tell);
})();
