// Draws the page's charts from its own data: theme, size, selection of a step, zoom in common.
(() => {
  "use strict";

  const charts = JSON.parse(document.getElementById("payload").textContent);
  const root = document.documentElement;
  const select = document.getElementById("step");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const touch = matchMedia("(pointer: coarse)");
  const CONFIG = { displayModeBar: false, showTips: false };
  const PRINT_WIDTH = 690; // px: A4 and Letter, upright, within their margins
  const GAP = 2; // px from a band's name to the next one
  const SHORTEST = 3; // letters; of less nobody can tell the name
  const SYMBOL = 46; // px of a line and its room in the legend
  const ROW = 19; // px of a row of it
  const TICK = 48; // px that a moment on the axis takes
  const pen = document.createElement("canvas").getContext("2d");
  let printing = false;
  let zooming = false;

  const divOf = (id) => document.getElementById("chart-" + id);

  // Colours are variables of the style sheet, `var(--name)`, so that there is one palette.
  function themed(value, key, style) {
    if (Array.isArray(value)) {
      const nested = key === "colorscale" || typeof value[0] === "object";
      return nested ? value.map((one) => themed(one, key, style)) : value;
    }
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, themed(one, name, style)]));
    }
    const name = typeof value === "string" && /color(scale)?$/.test(key)
      && /^var\((--[a-z0-9-]+)\)$/.exec(value);
    return name ? style.getPropertyValue(name[1]).trim() : value;
  }

  const plotWidth = ({ layout: { margin } }, div) =>
    (printing ? PRINT_WIDTH : div.clientWidth) - margin.l - margin.r;

  // As much of a name as there is room for, px. In it `&lt;` and the like are one letter.
  function shortened(name, room, size) {
    const letters = name.match(/&[a-z]+;|[^]/gu) ?? [];
    pen.font = `${size}px system-ui, sans-serif`;
    for (let kept = letters.length; kept >= Math.min(SHORTEST, letters.length); kept--) {
      const text = letters.slice(0, kept).join("") + (kept < letters.length ? "…" : "");
      if (pen.measureText(text.replace(/&[a-z]+;/g, "W")).width <= room) return text;
    }
    return "";
  }

  // A band's name is shortened to its band, and left out where nothing of it fits.
  function fitted(chosen, range, div) {
    const width = plotWidth(chosen, div);
    const [from, to] = range;
    return chosen.layout.annotations.map((one, place) => {
      const { begin, end } = chosen.bands[place];
      const start = Math.max(begin, from + 1); // ms; what is outside by a hair is not shown
      const room = (Math.min(end, to) - start) / (to - from) * width - GAP;
      const text = shortened(one.hovertext, room, one.font.size);
      return { ...one, x: start, text, visible: text !== "" };
    });
  }

  // Rows of the legend make a chart higher, not its plot lower.
  function withLegend(layout, chosen, div) {
    pen.font = "12px system-ui, sans-serif";
    const names = chosen.data.map(({ name }) => pen.measureText(name).width);
    const entry = Math.ceil(Math.max(0, ...names)) + SYMBOL;
    const columns = Math.max(Math.floor(plotWidth(chosen, div) / entry), 1);
    const more = Math.max(Math.ceil(names.length / columns) - 1, 0) * ROW;
    layout.height += more;
    layout.margin = { ...layout.margin, b: layout.margin.b + more };
  }

  // Plotly gives moments back as texts, with as many parts as it takes.
  function moment(value) {
    if (typeof value === "number") return value;
    const [date, time = "00:00"] = value.split(" ");
    return Date.parse(`${date}T${time.length === 5 ? time + ":00" : time}Z`);
  }

  const rangeOf = (div) => div._fullLayout.xaxis.range.map(moment);

  function draw(id) {
    const div = divOf(id);
    const { bands, figures, layout: common } = charts[id];
    const figure = figures[Math.min(select ? Number(select.value) : 0, figures.length - 1)];
    const chosen = { ...figure, bands, layout: { ...common, ...figure.layout } };
    const style = getComputedStyle(root);
    const layout = { ...chosen.layout, autosize: !printing };
    if (layout.annotations) {
      const range = div._fullLayout ? rangeOf(div) : layout.xaxis.range;
      layout.annotations = fitted(chosen, range, div);
    }
    if (layout.xaxis.nticks) {
      const nticks = Math.min(layout.xaxis.nticks, Math.floor(plotWidth(chosen, div) / TICK));
      layout.xaxis = { ...layout.xaxis, nticks: Math.max(nticks, 2) };
    }
    if (layout.showlegend) withLegend(layout, chosen, div);
    if (printing) layout.width = PRINT_WIDTH;
    if (touch.matches) layout.dragmode = false; // a finger scrolls the page
    div.chosen = chosen;
    document.getElementById(id + "-summary").textContent = chosen.summary;
    Plotly.react(div, themed(chosen.data, "", style), themed(layout, "", style), CONFIG);
  }

  const drawAll = () => Object.keys(charts).forEach(draw);
  const overTime = () => Object.keys(charts).map(divOf)
    .filter((div) => div.chosen.layout.xaxis.type === "date");

  // What is zoomed in one chart over time is zoomed in all of them.
  async function zoomed(event) {
    const all = event["xaxis.autorange"];
    const range = event["xaxis.range"] ?? [event["xaxis.range[0]"], event["xaxis.range[1]"]];
    if (zooming || printing || (!all && range[0] === undefined)) return;
    zooming = true;
    try {
      for (const div of overTime()) {
        const wanted = all ? div.chosen.layout.xaxis.range : range;
        const annotations = fitted(div.chosen, wanted.map(moment), div);
        await Plotly.relayout(div, {
          "xaxis.range": [...wanted],
          annotations: themed(annotations, "", getComputedStyle(root)),
        });
      }
    } finally {
      zooming = false;
    }
  }

  function print(now) {
    printing = now;
    root.classList.toggle("printing", now);
    drawAll();
  }

  drawAll();
  overTime().forEach((div) => div.on("plotly_relayout", zoomed));

  let frame = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => printing || drawAll());
  });
  select?.addEventListener("change", drawAll);
  dark.addEventListener("change", drawAll);
  touch.addEventListener("change", drawAll);
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  root.classList.add("drawn");
})();
