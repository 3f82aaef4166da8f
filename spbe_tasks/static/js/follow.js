// A part of the page that is not finished is asked for again every two seconds, or every `data-every` milliseconds,
// until it is; slower while that fails. A part with an id may come back with another address to go on with.
(function () {
  const QUICK = 2000;
  const SLOW = 15000;

  function follow(part, wait) {
    setTimeout(() => {
      fetch(part.dataset.follow, { headers: { Accept: "text/html", "X-Asked-By": "page" } })
        .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.status))))
        .then((html) => {
          const page = new DOMParser().parseFromString(html, "text/html");
          const fresh = part.id
            ? page.getElementById(part.id)
            : page.querySelector(`[data-follow="${part.dataset.follow}"]`);
          if (!fresh) throw new Error("not the page");
          part.dataset.follow = fresh.dataset.follow;
          if (!part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes);
          if ("unfinished" in fresh.dataset || part.contains(document.activeElement)) follow(part, pace(part));
        })
        .catch(() => follow(part, SLOW));
    }, wait);
  }

  const pace = (part) => Number(part.dataset.every) || QUICK;
  document.querySelectorAll("[data-follow][data-unfinished]").forEach((part) => follow(part, pace(part)));
})();
