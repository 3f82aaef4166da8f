// Evidence on a task's page: the criterion whose button was pressed is ticked in the box below instead of storing the
// checklist first, and what was sent shows at its criteria without a new page. Without this file both still work.
(function () {
  const section = document.getElementById("evidence");
  if (!section) return;
  const places = section.querySelector("[data-evidence-places]");
  const boxes = [...places.querySelectorAll("input")];

  // Files leave as soon as they are chosen, so what they show is ticked before. The links beside speak of the same.
  function point() {
    const isChosen = boxes.some((box) => box.checked);
    section.querySelectorAll("input[type=file]").forEach((input) => { input.disabled = !isChosen; });
    section.querySelector("[data-evidence-first]").hidden = isChosen;
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    section.querySelectorAll("[data-evidence-way]").forEach((way) => {
      const address = new URL(way.href);
      address.searchParams.delete("criterion");
      chosen.forEach((place) => address.searchParams.append("criterion", place));
      way.href = address;
    });
  }

  document.querySelectorAll("[data-evidence-for]").forEach((button) => {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      boxes.forEach((box) => { box.checked = box.value === button.dataset.evidenceFor; });
      point();
      section.scrollIntoView();
      places.querySelector("input:checked").focus({ preventScroll: true });
    });
  });
  places.addEventListener("change", point);
  point();

  // What the server now shows, put in place of what stands here; what is being typed is left alone.
  async function refresh() {
    const answer = await fetch(window.location.pathname);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const swap = (selector) => {
      const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)];
      if (old && fresh) old.replaceWith(fresh);
    };
    page.querySelectorAll("[data-evidence-of]").forEach((list) => swap(`#${list.id}`));
    swap("[data-missing]");
    if (document.querySelector("#next [disabled]")) {
      swap("#next");
      swap(".action-bar");
    }
  }

  document.addEventListener("upload:settled", (event) => {
    if (event.detail.sent) refresh().catch(() => {}); // no connection: the next page shows it
  });
})();
