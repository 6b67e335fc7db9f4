"use strict";
(() => {
  const root = document.documentElement;
  // The language stands in the address: report.html#language=ru, or ?language=ru beside an anchor.
  const speak = (language) => {
    root.dataset.language = root.lang = language;
    const title = document.querySelector("title");
    document.title = title.dataset[language];
    const heads = document.querySelector("style.heads");
    heads.textContent = heads.dataset[language];
    document.querySelectorAll("option[data-in-en]").forEach((one) => { one.textContent = one.getAttribute(`data-in-${language}`); });
  };
  const asked = /[?#&]lang(?:uage)?=([\w-]+)/.exec(location.search + location.hash);
  if (asked && document.querySelector(`button[data-set="${asked[1]}"]`)) speak(asked[1]);
  document.querySelectorAll("button[data-set]").forEach((button) => button.addEventListener("click", () => {
    speak(button.dataset.set);
    history.replaceState(null, "", `#language=${button.dataset.set}`);
  }));
  // Filter and order of the requirements: a row goes with the evidence behind it.
  const form = document.querySelector("form.filter");
  const rows = [...document.querySelectorAll(".requirements tr.row")].map((row, place) => {
    const evidence = row.nextElementSibling?.classList.contains("chain") ? row.nextElementSibling : null;
    return { row, evidence, place, home: row.parentElement, text: row.textContent.toLowerCase(), rank: Number(row.dataset.rank) };
  });
  const sift = () => {
    const wanted = new FormData(form), words = String(wanted.get("text")).toLowerCase().split(/\s+/), one = wanted.get("order") === "one";
    let count = 0;
    for (const { row, evidence, text } of rows) {
      const fits = ["party", "kind", "verdict"].every((key) => !wanted.get(key) || row.dataset[key] === wanted.get(key)) && words.every((word) => text.includes(word));
      row.hidden = !fits; if (evidence) evidence.hidden = !fits;
      count += fits;
    }
    const sorted = one ? [...rows].sort((a, b) => a.rank - b.rank || a.place - b.place) : rows;
    for (const { row, evidence, home } of sorted) (one ? rows[0].home : home).append(row, ...(evidence ? [evidence] : []));
    document.querySelectorAll(".of-party").forEach((party) => {
      party.hidden = !party.querySelector("tr.row:not([hidden])"); party.querySelector("h3").hidden = one;
    });
    form.querySelector(".count").textContent = count;
  };
  if (form && rows.length) {
    form.hidden = false;
    form.addEventListener("input", sift);
    form.addEventListener("submit", (event) => event.preventDefault());
  }
  // The twin lies beside the page, under its name.
  const twin = document.querySelector("a.twin"), name = /([^/]+)\.html?$/.exec(location.pathname);
  if (twin && name) { twin.href = `${name[1]}.json`; twin.hidden = false; }
  // What an address points at is opened, and what folds it.
  const show = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", show);
  show();
  // Paper cannot be unfolded.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details:not(.data, .why)").forEach((one) => { one.open = true; }));
})();
