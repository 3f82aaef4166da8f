// A button that copies what a field holds. Without this file the field is selected and copied by hand.
(function () {
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const field = document.getElementById(button.dataset.copy);
    button.addEventListener("click", () => {
      field.select();
      const done = () => (button.lastChild.textContent = button.dataset.copied);
      if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, () => {});
      else if (document.execCommand("copy")) done(); // pages without https have no clipboard
    });
  });
})();
