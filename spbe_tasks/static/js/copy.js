// A button that copies the text of a field; without scripts the field itself is there to be selected.
document.querySelectorAll("[data-copy]").forEach((button) => {
  const field = document.querySelector(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // pages without TLS have no clipboard of their own
    }
    button.textContent = button.dataset.done;
  });
});
