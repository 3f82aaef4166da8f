// "@" in a comment offers the people who may see the task. Without this file they are chosen from the list below it.
(function () {
  const form = document.querySelector("form[data-mentions]");
  if (!form) return;
  const field = form.querySelector("textarea");
  const options = Array.from(form.querySelectorAll("select[multiple] option"));
  const list = document.createElement("ul");
  list.className = "mention-list";
  list.id = "mention-list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.querySelector("summary").textContent.trim());
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");
  let current = 0;

  // What stands between the last "@" and the cursor; names have several words.
  const asked = () => {
    const before = field.value.slice(0, field.selectionStart);
    const found = before.match(/(?:^|[\s(])@([^@\n]{0,60})$/);
    return found ? found[1].toLowerCase() : null;
  };
  const close = () => {
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
    field.removeAttribute("aria-controls");
  };
  const point = (place) => {
    const rows = Array.from(list.children);
    current = (place + rows.length) % rows.length;
    rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === current)));
    rows[current].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", rows[current].id);
  };
  const choose = (row) => {
    const end = field.selectionStart;
    const start = field.value.lastIndexOf("@", end - 1);
    field.setRangeText("@" + row.textContent + " ", start, end, "end");
    close();
    field.focus();
  };
  const show = () => {
    const text = asked();
    const fitting = text === null ? [] : options.filter((each) => each.text.toLowerCase().includes(text)).slice(0, 8);
    if (fitting.length === 0) return close();
    list.replaceChildren(
      ...fitting.map((each) => {
        const row = document.createElement("li");
        row.id = "mention-" + each.value;
        row.setAttribute("role", "option");
        row.textContent = each.text;
        row.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(row);
        });
        return row;
      })
    );
    list.hidden = false;
    field.setAttribute("aria-controls", list.id);
    point(0);
    list.scrollIntoView({ block: "nearest" });
  };

  field.addEventListener("input", show);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") point(current + 1);
    else if (event.key === "ArrowUp") point(current - 1);
    else if (event.key === "Enter" || event.key === "Tab") choose(list.children[current]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
})();
