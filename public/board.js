// Cards are dragged to another column, or moved by keys: h j k l go from card to card, m opens the form that moves the one with the
// focus, t the one that decides about it, J and K move it down and up. Each move sends the card's own form, so that it is what it is without JavaScript.
const board = document.querySelector(".board");

if (board) {
  const cards = (column) => [...column.querySelectorAll(".board-card")];
  const columns = () => [...board.querySelectorAll(".board-column")];
  const titleOf = (card) => card?.querySelector(".promise-title");

  const move = (card, column, before) => {
    const form = card.querySelector("form[action$='/column']");
    if (!form || !column) return;
    form.elements.column.value = column.dataset.column;
    if (before) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "before", value: before.id.slice("act-".length) });
      form.append(field);
    }
    form.requestSubmit();
  };

  for (const card of board.querySelectorAll(".board-card")) {
    if (!card.querySelector("form[action$='/column']")) continue;
    card.draggable = true;
    card.addEventListener("dragstart", (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", card.id);
      card.classList.add("dragged");
    });
    card.addEventListener("dragend", () => card.classList.remove("dragged"));
  }

  for (const column of columns()) {
    const over = (on) => column.classList.toggle("takes", on);
    column.addEventListener("dragover", (event) => {
      if (!board.querySelector(".dragged")) return;
      event.preventDefault();
      over(true);
    });
    column.addEventListener("dragleave", (event) => {
      if (!column.contains(event.relatedTarget)) over(false);
    });
    column.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      const card = document.getElementById(event.dataTransfer.getData("text/plain"));
      if (!card) return;
      const below = cards(column).find((other) => {
        const { top, height } = other.getBoundingClientRect();
        return other !== card && event.clientY < top + height / 2;
      });
      move(card, column, below);
    });
  }

  const step = (key, card) => {
    const all = columns();
    const column = card.closest(".board-column");
    const place = cards(column).indexOf(card);
    if (key === "j" || key === "k") return cards(column)[place + (key === "j" ? 1 : -1)];
    const direction = key === "l" ? 1 : -1;
    for (let next = all.indexOf(column) + direction; all[next]; next += direction) {
      const there = cards(all[next]);
      if (there.length > 0) return there[Math.min(place, there.length - 1)];
    }
    return undefined;
  };

  addEventListener(
    "keydown",
    (event) => {
      if (board.dataset.keys !== "on" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input, textarea, select")) return;
      const card = event.target.closest?.(".board-card");
      const onBoard = card ?? (event.target === board ? cards(board)[0] : undefined);
      if (!onBoard || !["h", "j", "k", "l", "m", "t", "J", "K"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      const form = onBoard.querySelector("form[action$='/column']");
      if (event.key === "J" || event.key === "K") {
        if (!card || !form) return;
        form.elements.spot.value = event.key === "J" ? "down" : "up";
        form.requestSubmit();
        return;
      }
      if (event.key === "m" || event.key === "t") {
        const wanted = event.key === "m" ? form : onBoard.querySelector("form[action$='/triage']");
        const details = wanted?.closest("details");
        if (!details) return;
        details.open = true;
        wanted.querySelector("select")?.focus();
        return;
      }
      titleOf(card ? step(event.key, card) : onBoard)?.focus();
    },
    { capture: true },
  );
}
