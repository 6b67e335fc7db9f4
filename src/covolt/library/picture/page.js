"use strict";
// Shared zoom and cursor of the charts. Without scripts the page shows the same curves, unzoomed.
(() => {
  const charts = [...document.querySelectorAll(".frame")];
  const axes = [...document.querySelectorAll(".x")];
  const back = document.getElementById("whole");
  const whole = [Number(document.body.dataset.begin), Number(document.body.dataset.end)];
  let shown = whole.slice();
  let pressed = null;

  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
  const clock = (seconds, step) => {
    if (step >= 60) {
      const minutes = Math.round(seconds / 60);
      return minutes < 60 || whole[1] < 7200 ? `${minutes} min` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")} h`;
    }
    return `${Math.round(seconds)} s`;
  };
  const drawAxis = () => {
    const width = axes.length ? axes[0].clientWidth : 600;
    const span = shown[1] - shown[0];
    const step = steps.find((s) => (span / s) * 70 <= width) || 28800;
    for (const axis of axes) {
      axis.replaceChildren();
      for (let t = Math.ceil(shown[0] / step) * step; t <= shown[1] + 1e-6; t += step) {
        const mark = document.createElement("span");
        const place = (100 * (t - shown[0])) / span;
        mark.textContent = clock(t, step);
        mark.style.left = `${place}%`;
        if (place > 96) mark.className = "last";
        axis.append(mark);
      }
    }
  };
  const show = (begin, end) => {
    shown = [begin, end];
    for (const chart of charts) chart.querySelector("svg").setAttribute("viewBox", `${begin} 0 ${end - begin} 100`);
    back.hidden = begin === whole[0] && end === whole[1];
    drawAxis();
  };
  const timeAt = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return shown[0] + share * (shown[1] - shown[0]);
  };
  const nearest = (points, time) => {
    let low = 0, high = points.numberOfItems - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points.getItem(middle).x <= time) low = middle; else high = middle;
    }
    return time - points.getItem(low).x < points.getItem(high).x - time ? points.getItem(low) : points.getItem(high);
  };
  const read = (time) => {
    const place = `${(100 * (time - shown[0])) / (shown[1] - shown[0])}%`;
    for (const chart of charts) {
      const cursor = chart.querySelector(".cursor");
      cursor.style.display = "block";
      cursor.style.left = place;
      const low = Number(chart.dataset.low), high = Number(chart.dataset.high);
      chart.querySelectorAll("polyline").forEach((line) => {
        const value = high - (nearest(line.points, time).y / 100) * (high - low);
        const output = document.getElementById(line.dataset.output);
        output.textContent = `${value.toFixed(Number(chart.dataset.digits))} ${chart.dataset.unit} at ${Math.round(time)} s`;
      });
    }
  };
  const leave = () => {
    for (const cursor of document.querySelectorAll(".cursor, .chosen")) cursor.style.display = "none";
    for (const output of document.querySelectorAll(".legend output")) output.textContent = "";
  };
  for (const chart of charts) {
    chart.addEventListener("pointermove", (event) => {
      const time = timeAt(event);
      read(time);
      if (pressed === null) return;
      for (const other of charts) {
        const chosen = other.querySelector(".chosen");
        const span = shown[1] - shown[0];
        chosen.style.display = "block";
        chosen.style.left = `${(100 * (Math.min(pressed, time) - shown[0])) / span}%`;
        chosen.style.width = `${(100 * Math.abs(time - pressed)) / span}%`;
      }
    });
    chart.addEventListener("pointerdown", (event) => {
      pressed = timeAt(event);
      chart.setPointerCapture(event.pointerId);
    });
    chart.addEventListener("pointerup", (event) => {
      const time = timeAt(event);
      const [begin, end] = [Math.min(pressed, time), Math.max(pressed, time)];
      pressed = null;
      leave();
      if (end - begin >= Math.max(5, 0.01 * (shown[1] - shown[0]))) show(begin, end);
    });
    chart.addEventListener("pointercancel", () => { pressed = null; leave(); });
    chart.addEventListener("pointerleave", () => { if (pressed === null) leave(); });
    chart.addEventListener("dblclick", () => show(...whole));
  }
  back.addEventListener("click", () => show(...whole));
  addEventListener("resize", drawAxis);
  show(...whole);
})();
