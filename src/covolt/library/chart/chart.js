"use strict";
// Cursor, reading and zoom of charts. Without it a page shows the same lines, their tables and CSV.
(() => {
  const root = document.documentElement;
  const language = () => root.dataset.language || root.lang || "en";
  const said = (node) => (node.querySelector(`:scope > [lang="${language()}"]`) || node).textContent;
  const comma = () => (root.dataset.comma || "").split(" ").includes(language());
  const printed = (x) => {
    const text = String(Number(Number(x).toPrecision(5))).replace("-", "\u2212");
    return comma() ? text.replace(".", ",") : text;
  };
  const added = (frame, name) => {
    const made = document.createElement("div");
    made.className = name;
    made.hidden = true;
    made.setAttribute("aria-hidden", "true");
    frame.append(made);
    return made;
  };
  const charts = [...document.querySelectorAll(".chart")].map((figure) => {
    const frame = figure.querySelector(".frame"), axis = figure.querySelector(".plot .x");
    const whole = [Number(frame.dataset.begin), Number(frame.dataset.end)];
    const chart = { figure, frame, axis, whole, shown: whole.slice(), ticks: axis.innerHTML, group: figure.dataset.group };
    let rows = null;
    // The values are those of the CSV: [x, line, line, …].
    chart.rows = () => rows ??= decodeURIComponent(figure.querySelector("a[download]").href.replace(/^[^,]*,/, ""))
      .trim().split("\n").slice(1).map((row) => row.split(",").map((cell) => (cell === "" ? NaN : Number(cell))));
    chart.cursor = added(frame, "cursor");
    chart.chosen = added(frame, "chosen");
    chart.reading = added(frame, "reading");
    return chart;
  });
  const linked = (chart) => charts.filter((one) => one.group === chart.group);
  const share = (chart, x) => (100 * (x - chart.shown[0])) / (chart.shown[1] - chart.shown[0]);
  const drawTicks = (chart) => {
    const [begin, end] = chart.shown, rough = (end - begin) / Math.max(2, Math.min(8, chart.frame.clientWidth / 75));
    const decade = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map((x) => x * decade).find((x) => x >= rough);
    chart.axis.replaceChildren();
    for (let x = Math.ceil(begin / step - 1e-9) * step; x <= end + 1e-9 * step; x += step) {
      const mark = document.createElement("span");
      mark.textContent = printed(Math.abs(x) < 1e-9 * step ? 0 : x);
      mark.style.left = `${share(chart, x)}%`;
      chart.axis.append(mark);
    }
  };
  const show = (from, begin, end) => {
    for (const chart of linked(from)) {
      const [first, last] = chart.whole, span = Math.min(Math.max(end - begin, 1e-3 * (last - first)), last - first);
      const start = Math.min(Math.max(begin, first), last - span);
      chart.shown = [start, start + span];
      chart.frame.querySelector("svg").setAttribute("viewBox", `${start} 0 ${span} 100`);
      if (span === last - first) chart.axis.innerHTML = chart.ticks; else drawTicks(chart);
      chart.frame.querySelectorAll("[data-from]").forEach((mark) => {
        const left = Math.max(0, share(chart, mark.dataset.from)), right = Math.min(100, share(chart, mark.dataset.to));
        mark.hidden = right < left;
        mark.style.left = `${left}%`;
        mark.style.width = `${right - left}%`;
      });
      chart.frame.querySelectorAll("[data-at]").forEach((mark) => {
        mark.style.left = `${share(chart, mark.dataset.at)}%`;
        mark.hidden = share(chart, mark.dataset.at) < 0 || share(chart, mark.dataset.at) > 100;
      });
    }
  };
  const nearest = (rows, x) => {
    let low = 0, high = rows.length - 1;
    while (high - low > 1) { const middle = (low + high) >> 1; if (rows[middle][0] <= x) low = middle; else high = middle; }
    return x - rows[low][0] <= rows[high][0] - x ? low : high;
  };
  const read = (from, x) => {
    for (const chart of linked(from)) {
      const row = chart.rows()[nearest(chart.rows(), x)], place = share(chart, row[0]);
      const unit = said(chart.figure.querySelector(".unit")), names = [...chart.figure.querySelectorAll(".ends .name")].map(said);
      const title = said(chart.figure.querySelector(".axis")).split(", ")[0] || said(chart.figure.querySelector("figcaption b"));
      const lines = [`${said(chart.figure.querySelector(".x-title")).split(", ")[0]} ${printed(row[0])} ${said(chart.figure.querySelector(".x-unit"))}`];
      row.slice(1).forEach((y, n) => { if (!Number.isNaN(y)) lines.push(`${names[n] || title} ${printed(y)} ${unit}`.trim()); });
      chart.at = row[0];
      chart.cursor.hidden = chart.reading.hidden = place < 0 || place > 100;
      chart.cursor.style.left = `${place}%`;
      chart.reading.textContent = lines.join("\n");
      chart.reading.style.left = place < 50 ? `calc(${place}% + 8px)` : "auto";
      chart.reading.style.right = place < 50 ? "auto" : `calc(${100 - place}% + 8px)`;
      chart.frame.setAttribute("aria-valuenow", row[0]);
      chart.frame.setAttribute("aria-valuetext", lines.join("; "));
    }
  };
  const leave = (from) => linked(from).forEach((chart) => { chart.cursor.hidden = chart.reading.hidden = chart.chosen.hidden = true; });
  for (const chart of charts) {
    const { frame, whole } = chart;
    let pressed = null;
    const at = (event) => {
      const box = frame.getBoundingClientRect();
      return chart.shown[0] + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (chart.shown[1] - chart.shown[0]);
    };
    // Screen readers hear the values as those of a slider along the axis.
    Object.entries({ role: "slider", tabindex: 0, "aria-valuemin": whole[0], "aria-valuemax": whole[1], "aria-valuenow": whole[0] })
      .forEach(([name, value]) => frame.setAttribute(name, value));
    frame.addEventListener("pointerdown", (event) => { pressed = at(event); frame.setPointerCapture(event.pointerId); });
    frame.addEventListener("pointermove", (event) => {
      const x = at(event);
      read(chart, x);
      if (pressed === null) return;
      for (const one of linked(chart)) {
        one.chosen.hidden = false;
        one.chosen.style.left = `${share(one, Math.min(pressed, x))}%`;
        one.chosen.style.width = `${Math.abs(share(one, x) - share(one, pressed))}%`;
      }
    });
    frame.addEventListener("pointerup", (event) => {
      const x = at(event), begin = pressed;
      pressed = null;
      linked(chart).forEach((one) => { one.chosen.hidden = true; });
      if (begin !== null && Math.abs(share(chart, x) - share(chart, begin)) > 2) show(chart, Math.min(begin, x), Math.max(begin, x));
    });
    frame.addEventListener("pointercancel", () => { pressed = null; leave(chart); });
    frame.addEventListener("pointerleave", () => { if (pressed === null) leave(chart); });
    frame.addEventListener("dblclick", () => show(chart, ...whole));
    frame.addEventListener("keydown", (event) => {
      const [begin, end] = chart.shown, span = end - begin, x = Math.min(end, Math.max(begin, chart.at ?? begin));
      const zoom = (factor) => { show(chart, x - (x - begin) * factor, x + (end - x) * factor); read(chart, x); };
      const move = (to) => {
        const kept = Math.min(whole[1], Math.max(whole[0], to)), shift = Math.min(0, kept - begin) + Math.max(0, kept - end);
        if (shift) show(chart, begin + shift, end + shift);
        read(chart, kept);
      };
      const rows = chart.rows(), next = (way) => rows[Math.min(rows.length - 1, Math.max(0, nearest(rows, x) + way))][0];
      const far = (way) => (way > 0 ? Math.max(next(1), x + span / 50) : Math.min(next(-1), x - span / 50));
      const keys = {
        ArrowRight: () => move(chart.at === undefined ? begin : far(1)), ArrowLeft: () => move(chart.at === undefined ? end : far(-1)),
        Home: () => move(begin), End: () => move(end), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
        Escape: () => { show(chart, ...whole); leave(chart); },
      };
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    });
    frame.addEventListener("blur", () => leave(chart));
  }
})();
