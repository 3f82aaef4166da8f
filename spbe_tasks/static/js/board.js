// A card is dragged by its handle (mouse or finger), or moved by Shift and an arrow. Either presses the button, or follows
// the link, that the card has for that column: where it has none, it cannot go there. Without this file they are used directly.
(function () {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const columns = [...board.querySelectorAll("[data-state]")];
  const columnOf = (card) => card.closest("[data-state]");
  const way = (card, column) => card.querySelector(`[data-target="${column.dataset.state}"]`);
  const go = (card, column) => {
    const found = column !== columnOf(card) && way(card, column);
    if (found) found.click();
    return Boolean(found);
  };

  // Keys. One card is in the order of Tab; arrows go to the others.
  const cards = () => [...board.querySelectorAll("[data-card]")];
  const choose = (card) => {
    cards().forEach((each) => (each.tabIndex = -1));
    card.tabIndex = 0;
  };
  const first = document.querySelector(location.hash && location.hash.startsWith("#card-") ? location.hash : "#none");
  if (cards().length) choose(first || cards()[0]);
  if (first) first.focus();

  const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  board.addEventListener("keydown", (event) => {
    const card = event.target;
    const step = STEPS[event.key];
    if (!step || !card.matches("[data-card]")) return;
    event.preventDefault();
    const at = columns.indexOf(columnOf(card));
    if (event.shiftKey && step[0]) {
      // The nearest column on that side that it may go to.
      const side = step[0] > 0 ? columns.slice(at + 1) : columns.slice(0, at).reverse();
      side.some((column) => go(card, column));
      return;
    }
    let next = step[0] ? null : step[1] > 0 ? card.nextElementSibling : card.previousElementSibling;
    for (let to = at + step[0]; step[0] && !next && columns[to]; to += step[0]) {
      next = columns[to].querySelector("[data-card]");
    }
    if (!next) return;
    choose(next);
    next.focus();
  });

  // Dragging, by pointer events: the same for mouse, pen and finger.
  let dragged = null;
  const columnAt = (event) => {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    return under && under.closest("[data-state]");
  };
  const mark = (over) =>
    columns.forEach((column) => {
      column.classList.toggle("is-open", Boolean(dragged && way(dragged.card, column)));
      column.classList.toggle("is-over", Boolean(over && column === over && way(dragged.card, column)));
    });
  const end = () => {
    if (!dragged) return;
    dragged.card.classList.remove("is-dragged");
    dragged.card.style.transform = "";
    dragged = null;
    mark(null);
  };
  board.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle || event.button) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    dragged = { card: handle.closest("[data-card]"), x: event.clientX, y: event.clientY, left: board.scrollLeft };
    dragged.card.classList.add("is-dragged");
    mark(null);
  });
  board.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    // Near an edge the board turns to further columns.
    const frame = board.getBoundingClientRect();
    if (event.clientX > frame.right - 40) board.scrollLeft += 12;
    if (event.clientX < frame.left + 40) board.scrollLeft -= 12;
    const x = event.clientX - dragged.x + board.scrollLeft - dragged.left;
    dragged.card.style.transform = `translate(${x}px, ${event.clientY - dragged.y}px)`;
    mark(columnAt(event));
  });
  board.addEventListener("pointerup", (event) => {
    if (!dragged) return;
    const { card } = dragged;
    const over = columnAt(event);
    end();
    if (over) go(card, over);
  });
  board.addEventListener("pointercancel", end);
})();
