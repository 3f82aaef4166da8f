// Figures follow their newest rebuild: the page asks, by its `data-live` address, which generation is stored, and when it
// is another than the one shown, takes its parts marked `data-live-part` (each with an id) from the page as it is now.
// While somebody looks: every second and a half at first, later slower; not at all while the page is hidden.
(function () {
  const QUICK = 1500;
  const CALM = 15000;
  const QUICK_FOR = 10 * 60 * 1000;
  const live = document.querySelector("[data-live]");
  if (!live) return;

  let shown = live.dataset.shown;
  let looked = Date.now();
  let failures = 0;
  let timer = null;
  let asking = false;

  const parts = () => [...document.querySelectorAll("[data-live-part]")];
  const json = { headers: { Accept: "application/json", "X-Asked-By": "page" } };
  const html = { headers: { Accept: "text/html", "X-Asked-By": "page" } };

  function pace() {
    if (failures) return Math.min(QUICK * 2 ** failures, 4 * CALM);
    return Date.now() - looked < QUICK_FOR ? QUICK : CALM;
  }

  function next() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, pace());
  }

  async function fetched(address, how) {
    const answer = await fetch(address, how);
    if (answer.status === 401 || answer.redirected) return null; // signed out: the next click leads to the sign-in page
    if (!answer.ok) throw new Error(answer.status);
    return answer;
  }

  async function ask() {
    if (asking) return;
    asking = true;
    try {
      const answer = await fetched(live.dataset.live, json);
      if (answer === null) return;
      const { generation, is_stale } = await answer.json();
      const newest = `${generation} ${is_stale}`;
      if (newest !== shown && (await renew())) shown = newest;
      failures = 0;
    } catch {
      failures += 1;
    } finally {
      asking = false;
    }
    next();
  }

  async function renew() {
    const answer = await fetched(location.href, html);
    if (answer === null) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const news = parts().map((part) => [part, page.getElementById(part.id)]);
    if (news.some(([, fresh]) => !fresh)) location.reload(); // it has become another page, for example a closed plan's
    news.forEach(([part, fresh]) => replace(part, fresh));
    const said = document.querySelector("[data-live-said]");
    if (said) said.textContent = said.dataset.liveSaid;
    return true;
  }

  // What the reader has unfolded and where the keyboard is stay as they were.
  function replace(part, fresh) {
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const at = focused && [...part.querySelectorAll("a, summary, button")].indexOf(focused);
    const open = [...part.querySelectorAll("details")].map((each) => each.open);
    part.replaceChildren(...fresh.childNodes);
    part.querySelectorAll("details").forEach((each, number) => (each.open = open[number] ?? each.open));
    if (!focused) return;
    const alike = [...part.querySelectorAll("a, summary, button")];
    const same = alike.find((each) => each.href && each.href === focused.href) || alike[at];
    if (same) same.focus({ preventScroll: true });
  }

  document.addEventListener("visibilitychange", () => {
    looked = Date.now();
    if (document.hidden) clearTimeout(timer);
    else ask();
  });
  document.addEventListener("pointerdown", () => (looked = Date.now()));
  document.addEventListener("keydown", () => (looked = Date.now()));
  next();
})();
