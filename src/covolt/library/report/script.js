"use strict";
(() => {
  const root = document.documentElement;
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const colours = ["#0b6e99", "#c9654f", "#6a8f3c", "#8a5a00", "#6b3fa0", "#5b6b78"];
  const H = 220, L = 52, R = 12, T = 10, B = 40;
  const svg = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const ticks = (low, high, count) => {
    const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((x) => x * power).find((x) => x >= raw);
    const found = [];
    for (let x = Math.ceil(low / step) * step; x <= high + 1e-9 * step; x += step) found.push(Math.abs(x) < 1e-9 * step ? 0 : x);
    return found;
  };
  const said = (name, language) => { const both = name.split("|"); return language === "ru" ? both[1] || both[0] : both[0]; };
  const shown = (x) => {
    const text = String(Number(x.toPrecision(6))).replace("-", "\u2212");
    return root.dataset.language === "ru" ? text.replace(".", ",") : text;
  };
  function draw(figure, range) {
    const chart = charts[figure.dataset.index], language = root.dataset.language;
    const width = Math.max(300, Math.min(960, figure.clientWidth || 480));
    const x = chart.x, end = Math.max(...x), begin = Math.min(...x) > 0 && Math.min(...x) < 0.05 * end ? 0 : Math.min(...x);
    const first = range ? range[0] : begin, last = range ? range[1] : end;
    let low = Infinity, high = -Infinity;
    for (const values of Object.values(chart.y)) values.forEach((v, i) => {
      if (x[i] >= first && x[i] <= last) { low = Math.min(low, v); high = Math.max(high, v); }
    });
    if (!(high > low)) { low -= 1; high += 1; }
    const span = high - low, bounds = Object.entries(chart.bounds).filter(([, v]) => v > low - span && v < high + span);
    for (const [, v] of bounds) { low = Math.min(low, v); high = Math.max(high, v); }
    if (low > 0 && low < 0.35 * high) low = 0;
    const px = (v) => L + (v - first) / (last - first || 1) * (width - L - R);
    const py = (v) => T + (high - v) / (high - low) * (H - T - B);
    const made = svg("svg", { viewBox: `0 0 ${width} ${H}`, role: "img", "aria-label": chart.title[language] || chart.y_axis[language] });
    for (const v of ticks(low, high, 4)) {
      made.append(svg("line", { class: "grid", x1: L, x2: width - R, y1: py(v), y2: py(v) }));
      made.append(svg("text", { class: "soft", x: L - 8, y: py(v) + 4, "text-anchor": "end" }, shown(v)));
    }
    for (const v of ticks(first, last, width < 420 ? 4 : width < 640 ? 6 : 8))
      made.append(svg("text", { class: "soft", x: px(v), y: H - B + 18, "text-anchor": "middle" }, shown(v)));
    made.append(svg("text", { class: "soft", x: (L + width - R) / 2, y: H - 4, "text-anchor": "middle" }, chart.x_axis[language]));
    let above = -Infinity;
    for (const [name, v] of bounds.sort((one, other) => other[1] - one[1])) {
      const aside = py(v) - above < 15;
      above = py(v);
      made.append(svg("line", { class: "bound", x1: L, x2: width - R, y1: py(v), y2: py(v) }));
      made.append(svg("text", { class: "limit", x: aside ? L + 4 : width - R, y: py(v) + (py(v) < T + 16 ? 14 : -4), "text-anchor": aside ? "start" : "end" }, `${name} ${shown(v)}`));
    }
    const names = Object.keys(chart.y);
    names.forEach((name, n) => {
      const points = [];
      chart.y[name].forEach((v, i) => { if (x[i] >= first && x[i] <= last) points.push(`${px(x[i]).toFixed(1)},${py(v).toFixed(1)}`); });
      made.append(svg("polyline", { points: points.join(" "), stroke: colours[n % colours.length] }));
    });
    const cursor = svg("line", { class: "cursor", y1: T, y2: H - B, visibility: "hidden" });
    const chosen = svg("rect", { class: "chosen", y: T, height: H - T - B, visibility: "hidden" });
    made.append(chosen, cursor);
    const legend = document.createElement("figcaption");
    legend.className = "legend";
    const outputs = names.map((name, n) => {
      const item = document.createElement("span"), key = document.createElement("i"), output = document.createElement("output");
      key.style.background = colours[n % colours.length];
      item.append(key, names.length > 1 || !chart.y_axis[language] ? `${said(name, language)} ` : `${chart.y_axis[language]} `, output);
      legend.append(item);
      return output;
    });
    if (names.length > 1 && chart.y_axis[language]) legend.append(chart.y_axis[language]);
    figure.replaceChildren(legend, made);
    const at = (event) => {
      const box = made.getBoundingClientRect();
      const v = first + ((event.clientX - box.left) / box.width * width - L) / (width - L - R) * (last - first);
      return Math.max(first, Math.min(last, v));
    };
    let from = null;
    made.addEventListener("pointerdown", (event) => { from = at(event); made.setPointerCapture(event.pointerId); });
    made.addEventListener("pointermove", (event) => {
      const v = at(event);
      let near = 0;
      x.forEach((one, i) => { if (Math.abs(one - v) < Math.abs(x[near] - v)) near = i; });
      cursor.setAttribute("x1", px(x[near])); cursor.setAttribute("x2", px(x[near])); cursor.setAttribute("visibility", "visible");
      names.forEach((name, n) => { outputs[n].textContent = `${shown(chart.y[name][near])} (${shown(x[near])})`; });
      if (from !== null) {
        chosen.setAttribute("x", Math.min(px(from), px(v))); chosen.setAttribute("width", Math.abs(px(v) - px(from)));
        chosen.setAttribute("visibility", "visible");
      }
    });
    made.addEventListener("pointerup", (event) => {
      const to = at(event), begin = from;
      from = null;
      if (begin !== null && Math.abs(px(to) - px(begin)) > 8) draw(figure, [Math.min(begin, to), Math.max(begin, to)]);
      else chosen.setAttribute("visibility", "hidden");
    });
    made.addEventListener("pointerleave", () => {
      cursor.setAttribute("visibility", "hidden");
      outputs.forEach((output) => { output.textContent = ""; });
    });
    made.addEventListener("dblclick", () => draw(figure));
    figure.tabIndex = 0;
    figure.onkeydown = (event) => {
      if (event.key === "Escape") draw(figure);
      const middle = (first + last) / 2, half = (last - first) / 2;
      if (event.key === "+" || event.key === "=") draw(figure, [middle - half / 2, middle + half / 2]);
      if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
        const shift = (event.key === "ArrowRight" ? 0.5 : -0.5) * half;
        draw(figure, [first + shift, last + shift]);
        event.preventDefault();
      }
    };
  }
  // The language stands in the address: report.html#language=ru, or ?language=ru beside an anchor.
  const speak = (language) => {
    root.dataset.language = root.lang = language;
    const title = document.querySelector("title");
    document.title = title.dataset[language];
  };
  const asked = /[?#&]language=(en|ru)\b/.exec(location.search + location.hash);
  if (asked) speak(asked[1]);
  const all = () => document.querySelectorAll(".chart").forEach((figure) => draw(figure));
  document.querySelectorAll("button[data-set]").forEach((button) => button.addEventListener("click", () => {
    speak(button.dataset.set);
    all();
    history.replaceState(null, "", `#language=${button.dataset.set}`);
  }));
  // Paper cannot be unfolded.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  let width = window.innerWidth;
  window.addEventListener("resize", () => { if (window.innerWidth !== width) { width = window.innerWidth; all(); } });
  all();
})();
