// Small charts in SVG: bars for parts of a whole, a line for what changed while one looked.
import { make } from "./ui.js";

const SVG = "http://www.w3.org/2000/svg";

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// As wide as there is room, whatever the drawing's own width is.
function chart(attributes, width, height, ...parts) {
  return draw("svg", { ...attributes, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none" }, ...parts);
}

// One bar for each `[name, count, kind]`, as long as its share of the greatest; the numbers are text beside it.
export function bars(rows) {
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return make("ul", { class: "bars" }, ...rows.map(([name, count, kind = ""]) => make("li", {},
    make("span", {}, name),
    make("strong", {}, count.toLocaleString("en")),
    chart({ "aria-hidden": "true" }, 100, 10,
      draw("rect", { class: "rail", width: 100, height: 10 }),
      draw("rect", { class: `bar ${kind}`, width: (count / most) * 100, height: 10 })))));
}

// One column for each `[day, count]`, oldest first; the numbers are a list for those who do not see it.
export function days(rows) {
  const [width, height, gap] = [300, 60, 2];
  const most = Math.max(1, ...rows.map(([, count]) => count));
  const step = width / Math.max(1, rows.length);
  const columns = rows.map(([, count], index) => {
    const tall = count ? Math.max(2, (count / most) * height) : 1;
    return draw("rect", { class: count ? "bar" : "rail", x: index * step + gap / 2, y: height - tall, width: step - gap, height: tall });
  });
  const all = rows.reduce((sum, [, count]) => sum + count, 0);
  const busiest = rows.find(([, count]) => count === most);
  const text = all ? `${all} in all, at most ${most} on ${busiest[0]}` : "None";
  return make("figure", { class: "days" },
    chart({ role: "img", "aria-label": `${text}. ${rows.filter(([, count]) => count).map(([day, count]) => `${day}: ${count}`).join(", ")}` }, width, height, ...columns),
    make("figcaption", { class: "head muted small" }, make("span", {}, rows[0]?.[0] ?? ""), make("span", {}, text), make("span", {}, rows.at(-1)?.[0] ?? "")));
}

// A line through `values`, oldest first.
export function line(title, values) {
  const [width, height, edge] = [100, 30, 3];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const shown = values.length < 2 ? [...values, ...values] : values;
  const points = shown.map((value, index) => {
    const y = high === low ? height / 2 : height - edge - ((value - low) * (height - 2 * edge)) / (high - low);
    return `${(index * width) / (shown.length - 1)},${y}`;
  });
  return chart({ class: "line", role: "img", "aria-label": `${title}: ${values.join(", ")}` }, width, height,
    draw("polyline", { points: points.join(" ") }));
}
