"use strict";
(() => {
  const root = document.documentElement;
  // The language stands in the address: report.html#language=ru, or ?language=ru beside an anchor.
  const speak = (language) => {
    root.dataset.language = root.lang = language;
    const title = document.querySelector("title");
    document.title = title.dataset[language];
  };
  const asked = /[?#&]language=([\w-]+)/.exec(location.search + location.hash);
  if (asked && document.querySelector(`button[data-set="${asked[1]}"]`)) speak(asked[1]);
  document.querySelectorAll("button[data-set]").forEach((button) => button.addEventListener("click", () => {
    speak(button.dataset.set);
    history.replaceState(null, "", `#language=${button.dataset.set}`);
  }));
  // Paper cannot be unfolded.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details:not(.data, .why)").forEach((one) => { one.open = true; }));
})();
