// A part of the page that is not finished is asked for again every two seconds, until it is; slower while that fails.
(function () {
  const QUICK = 2000;
  const SLOW = 15000;

  function follow(part, wait) {
    setTimeout(() => {
      fetch(part.dataset.follow, { headers: { Accept: "text/html" } })
        .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.status))))
        .then((html) => {
          const page = new DOMParser().parseFromString(html, "text/html");
          const fresh = page.querySelector(`[data-follow="${part.dataset.follow}"]`);
          if (!fresh) throw new Error("not the page");
          if (!part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes);
          if ("unfinished" in fresh.dataset || part.contains(document.activeElement)) follow(part, QUICK);
        })
        .catch(() => follow(part, SLOW));
    }, wait);
  }

  document.querySelectorAll("[data-follow][data-unfinished]").forEach((part) => follow(part, QUICK));
})();
