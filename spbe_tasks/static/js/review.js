// Keys of the review queue, and the further pages of evidence once it is opened. Everything works without this file.
(function () {
  const STORED = "review-keys-off";
  const help = document.getElementById("review-keys");
  const remembered = () => {
    try {
      return localStorage.getItem(STORED) === "yes";
    } catch {
      return false; // a browser that keeps nothing
    }
  };
  let isOff = remembered();

  const line = help.querySelector("[data-keys-switch]");
  const box = line.querySelector("input");
  line.hidden = false;
  box.checked = !isOff;
  box.addEventListener("change", () => {
    isOff = !box.checked;
    try {
      localStorage.setItem(STORED, isOff ? "yes" : "no");
    } catch {
      // it then counts for this page only
    }
  });

  const follow = (key) => {
    const link = document.querySelector('a[data-key="' + key + '"]');
    if (link) link.click();
  };
  const goTo = (selector) => {
    const field = document.querySelector(selector);
    if (field) field.focus();
  };
  const doing = {
    j: () => follow("j"),
    k: () => follow("k"),
    a: () => goTo("#act-accept [name=reached_level]"),
    r: () => goTo("#act-return [name=reason]"),
    "?": () => {
      help.open = !help.open;
      help.querySelector("summary").focus();
    },
  };
  document.addEventListener("keydown", (event) => {
    if (isOff || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur(); // back to where the keys work
      return;
    }
    const act = doing[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // An opened evidence shows all its pages: those of its own page, put where the first one stands.
  document.querySelectorAll("details[data-pages]").forEach((view) => {
    view.addEventListener("toggle", async () => {
      if (!view.open || view.dataset.loaded) return;
      view.dataset.loaded = "yes";
      const answer = await fetch(view.dataset.pages, { credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const pages = page.getElementById("pages") || page.querySelector("main .message");
      if (pages) view.querySelector(".evidence-frame").replaceChildren(document.importNode(pages, true));
    });
  });
})();
