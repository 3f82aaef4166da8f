// Runs in <head>, before the first paint: the theme follows the system, and CSS may know that scripts run.
(function () {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  apply();
  dark.addEventListener("change", apply);
  document.documentElement.classList.add("js");
})();
