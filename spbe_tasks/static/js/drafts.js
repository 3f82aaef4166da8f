// Keeps what is typed into a form marked data-draft: on the server some seconds after the last key, and on this device
// until the server has it. Without this file nothing is lost when a form is refused; only a closed page forgets.
(function () {
  const WAIT_MS = 3000;
  const NOT_TYPED = ["csrf_token", "version", "take"];

  const entries = (form) => new URLSearchParams(new FormData(form));
  const typed = (query) => [...new URLSearchParams(query)]
    .filter(([name]) => !NOT_TYPED.includes(name))
    .map(([name, text]) => `${name}=${text.replace(/\r\n/g, "\n").trim()}`)
    .filter((pair) => !pair.endsWith("="))
    .join("&");

  // A device may refuse to store anything (private windows, a full disk): then the server alone keeps drafts.
  const device = {
    read(key) {
      try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
    },
    write(key, value) {
      try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* the server has it in a moment */ }
    },
    forget(key) {
      try { localStorage.removeItem(key); } catch { /* nothing was stored */ }
    },
  };

  function watch(form) {
    const url = form.dataset.draft;
    const key = `draft ${form.dataset.draftOwner} ${url}`;
    const status = document.createElement("p");
    status.className = "draft-status quiet";
    status.setAttribute("aria-live", "polite");
    form.append(status);
    let timer = null;
    let lastSent = typed(entries(form));

    async function send(query, options = {}) {
      const body = new URLSearchParams(query);
      body.set("csrf_token", form.elements.csrf_token.value);
      const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, ...options });
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    }

    async function keep(options) {
      clearTimeout(timer);
      timer = null;
      const query = entries(form).toString();
      if (typed(query) === lastSent || form.dataset.sent) return;
      try {
        const { words } = await send(query, options);
        lastSent = typed(query);
        // What was typed while it was on its way stays on the device for the next time.
        if (typed(entries(form)) === lastSent) device.forget(key);
        status.textContent = words;
      } catch {
        status.textContent = form.dataset.draftUnsent;
      }
    }

    function remember(isSubmitted) {
      const query = entries(form).toString();
      device.write(key, { query, version: form.elements.version.value, isSubmitted });
    }

    // What an earlier visit left on this device: the connection broke, or the session had ended.
    async function recover() {
      const left = device.read(key);
      if (!left) return;
      const isStored = typed(left.query) === typed(entries(form)) ||
        (left.isSubmitted && left.version !== form.elements.version.value && form.dataset.draftEnds);
      if (isStored || form.dataset.draftShown) {
        device.forget(key);
        return;
      }
      try {
        await send(left.query);
        device.forget(key);
        const notice = document.querySelector(`[data-draft-notice="${form.dataset.draftForm}"]`);
        if (notice) notice.hidden = false;
      } catch { /* still no connection: it waits */ }
    }

    form.addEventListener("input", () => {
      remember(false);
      clearTimeout(timer);
      timer = setTimeout(keep, WAIT_MS);
    });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      remember(true);
    });
    window.addEventListener("online", () => (device.read(key) ? keep() : undefined));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && timer) keep({ keepalive: true });
    });
    // A refused form comes back as it was typed: kept at once, so that leaving the page loses nothing.
    if (form.dataset.draftShown) {
      lastSent = "";
      keep();
    }
    recover();
  }

  document.querySelectorAll("form[data-draft]").forEach(watch);

  // How much of the allowed length is used, beside the text.
  document.querySelectorAll("[data-count]").forEach((count) => {
    const text = document.getElementById(count.dataset.count);
    const show = () => { count.textContent = `${text.value.length} / ${text.maxLength}`; };
    text.addEventListener("input", show);
    show();
  });
})();
