// Files leave as soon as they are chosen, in pieces: a broken connection goes on where it stopped.
// Without this file the form sends them in one go. Words stand in the form's data, see _macros/upload.html.
//
// For whoever includes the box: "upload:done" bubbles from the form with what a file became ({id, title, address,
// is_new}), "upload:settled" once nothing is under way any more ({sent, failed}). A form with data-next goes there
// then, if nothing failed.
(function () {
  const WAITS = [1, 2, 4, 8, 15, 30, 30, 30, 30, 30]; // seconds between attempts; then the person decides
  const PATIENCE = 120000; // a piece that takes longer is lost: 1 MB at 10 kB/s

  class Refused extends Error {} // by the server, with words for the person: trying the same again is no use
  class Later extends Error {} // by the server, with words: the same again works later
  class Broken extends Error {} // nothing, or nothing usable, came back: try again

  function send(method, address, body, headers, onProgress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, address);
      request.timeout = PATIENCE;
      Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
      if (onProgress) request.upload.onprogress = (event) => onProgress(event.loaded);
      request.onerror = request.onabort = request.ontimeout = () => reject(new Broken());
      request.onload = () => resolve(request);
      request.send(body);
    });
  }

  function read(request) {
    let answer = null;
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      throw new Broken(); // a gateway's page, or the sign-in page
    }
    if (request.status < 300 || "received" in answer) return answer;
    const words = (answer.messages || []).join(" ");
    if (request.status === 503 && words) throw new Later(words);
    if (request.status < 500 && request.status !== 429) throw new Refused(words);
    throw new Broken();
  }

  class Box {
    constructor(form) {
      this.form = form;
      this.words = form.dataset;
      this.list = form.querySelector("[data-upload-list]");
      this.queue = [];
      this.sent = 0;
      this.isBusy = false;
      form.querySelectorAll("input[type=file]").forEach((input) => {
        input.required = false;
        input.addEventListener("change", () => {
          this.add(input.files);
          input.value = "";
        });
      });
      this.takeDrops(form.querySelector("[data-upload-drop]"));
    }

    takeDrops(place) {
      const mark = (is) => place.classList.toggle("is-over", is);
      place.addEventListener("dragover", (event) => {
        event.preventDefault();
        mark(true);
      });
      place.addEventListener("dragleave", () => mark(false));
      place.addEventListener("drop", (event) => {
        event.preventDefault();
        mark(false);
        // The page does not take files yet: it waits for what they are to show.
        if (place.querySelector("input[type=file]:disabled")) return;
        this.add(event.dataTransfer.files);
      });
    }

    add(files) {
      [...files].forEach((file) => this.queue.push(new Row(this, file)));
      this.go();
    }

    fields() {
      const data = new FormData(this.form);
      const fields = new URLSearchParams();
      data.forEach((value, name) => typeof value === "string" && fields.append(name, value));
      return fields;
    }

    post(address, fields) {
      const headers = { Accept: "application/json", "X-CSRFToken": this.form.elements.csrf_token.value };
      return send("POST", address, fields, headers).then(read);
    }

    async go() {
      if (this.isBusy) return;
      this.isBusy = true; // one at a time: on a thin line two are slower than one after the other
      for (let row = this.next(); row; row = this.next()) await row.run();
      this.isBusy = false;
      const failed = this.queue.filter((row) => row.state === "failed").length;
      this.form.dispatchEvent(new CustomEvent("upload:settled", { bubbles: true, detail: { sent: this.sent, failed } }));
      if (this.words.next && this.sent && !failed) window.location.assign(this.words.next);
    }

    next() {
      return this.queue.find((row) => row.state === "waiting");
    }
  }

  class Row {
    constructor(box, file) {
      this.box = box;
      this.file = file;
      this.state = "waiting";
      this.address = null; // of the upload, once it is announced
      this.received = 0;
      this.draw();
      this.say(box.words.waiting);
      if (file.size > Number(box.words.limit)) this.fail(box.words.tooLarge);
    }

    draw() {
      const make = (tag, className, parent) => {
        const element = document.createElement(tag);
        element.className = className;
        parent.append(element);
        return element;
      };
      this.item = make("li", "upload-row", this.box.list);
      make("span", "upload-name break", this.item).textContent = this.file.name;
      this.bar = make("progress", "upload-progress", this.item);
      this.bar.max = this.file.size || 1;
      this.bar.value = 0;
      this.bar.setAttribute("aria-label", this.file.name);
      this.note = make("span", "upload-note", this.item);
      this.button = make("button", "btn btn-sm btn-outline-secondary", this.item);
      this.button.type = "button";
      this.button.addEventListener("click", () => (this.state === "failed" ? this.again() : this.stop()));
      this.button.textContent = this.box.words.stop;
    }

    say(words) {
      this.note.textContent = words;
    }

    show(bytes) {
      this.bar.value = bytes;
      const percent = Math.floor((bytes / (this.file.size || 1)) * 100);
      this.say(this.box.words.sending.replace("%", `${percent} %`));
    }

    settle(state) {
      this.state = state;
      this.item.className = `upload-row is-${state}`;
      this.bar.hidden = state !== "waiting";
      this.button.hidden = state === "done" || state === "stopped";
      this.button.textContent = state === "failed" ? this.box.words.again : this.box.words.stop;
    }

    fail(words) {
      this.settle("failed");
      this.say(words || this.box.words.broken);
    }

    again() {
      this.settle("waiting");
      this.say(this.box.words.waiting);
      this.box.go();
    }

    stop() {
      this.settle("stopped");
      this.say(this.box.words.stopped);
      if (this.wake) this.wake();
      if (this.address) this.box.post(`${this.address}/abandon`, new URLSearchParams()).catch(() => {}); // else swept
    }

    async run() {
      for (let attempt = 0; this.state === "waiting"; attempt += 1) {
        const before = this.received;
        try {
          return this.finish(await this.once());
        } catch (error) {
          if (this.state !== "waiting") return undefined;
          if (!(error instanceof Broken)) return this.fail(error.message);
          if (this.received > before) attempt = 0; // it moves: patience begins anew
          if (attempt >= WAITS.length) return this.fail(this.box.words.broken);
          await this.wait(WAITS[attempt]);
        }
      }
      return undefined;
    }

    wait(seconds) {
      this.say(this.box.words.waitingForLine);
      return new Promise((resolve) => {
        const done = () => {
          window.removeEventListener("online", done);
          clearTimeout(timer);
          this.wake = null;
          resolve();
        };
        const timer = setTimeout(done, seconds * 1000);
        window.addEventListener("online", done);
        this.wake = done;
      });
    }

    // One walk from wherever it stands to the end; throws when the line breaks, and is walked again from there.
    async once() {
      if (this.address) await this.ask();
      else await this.begin();
      while (this.received < this.file.size && this.state === "waiting") await this.piece();
      if (this.state !== "waiting") throw new Broken();
      this.say(this.box.words.checking);
      return this.box.post(`${this.address}/finish`, this.box.fields());
    }

    async begin() {
      const fields = new URLSearchParams({ agency: this.box.words.agency, name: this.file.name, size: this.file.size });
      const answer = await this.box.post(this.box.words.upload, fields);
      this.address = answer.address;
      this.size = Math.min(answer.piece, 256 * 1024); // grows while the line is quick
      this.largest = answer.piece;
    }

    async ask() {
      const request = await send("GET", this.address, null, { Accept: "application/json" });
      if (request.status === 404) {
        this.address = null; // forgotten overnight: from the beginning
        this.received = 0;
        return this.begin();
      }
      this.received = read(request).received;
      return undefined;
    }

    async piece() {
      const start = this.received;
      const body = this.file.slice(start, start + this.size);
      const headers = {
        Accept: "application/json",
        "Content-Type": "application/octet-stream",
        "X-CSRFToken": this.box.form.elements.csrf_token.value,
      };
      const began = Date.now();
      const address = `${this.address}/pieces?offset=${start}`;
      this.show(start);
      const answer = read(await send("POST", address, body, headers, (bytes) => this.show(start + bytes)));
      this.received = answer.received;
      if (Date.now() - began < 2000) this.size = Math.min(this.size * 2, this.largest);
    }

    finish(answer) {
      this.settle("done");
      this.box.sent += 1;
      this.note.textContent = "";
      const link = document.createElement("a");
      link.href = answer.address;
      link.textContent = answer.title;
      this.note.append(answer.is_new ? this.box.words.done : this.box.words.known, " ", link);
      this.box.form.dispatchEvent(new CustomEvent("upload:done", { bubbles: true, detail: answer }));
    }
  }

  const boxes = [...document.querySelectorAll("form[data-upload]")].map((form) => new Box(form));
  window.addEventListener("beforeunload", (event) => {
    if (boxes.some((box) => box.isBusy && box.next())) event.preventDefault();
  });
})();
