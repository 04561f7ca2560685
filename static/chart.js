// Small charts in SVG: bars for parts of a whole, a line for what changed while one looked.

const SVG = "http://www.w3.org/2000/svg";

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function chart(title, width, height, ...parts) {
  return draw("svg", { class: "chart", role: "img", "aria-label": title, viewBox: `0 0 ${width} ${height}` }, ...parts);
}

// One bar for each `[name, count, kind]`, as long as its share of the greatest.
export function bars(title, rows) {
  const [width, label, number, step] = [420, 130, 55, 30];
  const most = Math.max(1, ...rows.map(([, count]) => count));
  const room = width - label - number;
  const parts = rows.flatMap(([name, count, kind = ""], index) => {
    const y = index * step;
    const length = (count / most) * room;
    return [
      draw("text", { x: 0, y: y + 18 }, name),
      draw("rect", { class: "rail", x: label, y: y + 6, width: room, height: 16, rx: 4 }),
      draw("rect", { class: `bar ${kind}`, x: label, y: y + 6, width: count ? Math.max(length, 3) : 0, height: 16, rx: 4 }),
      draw("text", { x: width, y: y + 18, "text-anchor": "end" }, count.toLocaleString("en")),
    ];
  });
  const said = rows.map(([name, count]) => `${name} ${count}`).join(", ");
  return chart(`${title}: ${said}`, width, rows.length * step, ...parts);
}

// A line through `values`, oldest first.
export function line(title, values) {
  const [width, height, edge] = [200, 36, 4];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (index) => edge + (values.length < 2 ? width - 2 * edge : (index * (width - 2 * edge)) / (values.length - 1));
  const y = (value) => (high === low ? height / 2 : height - edge - ((value - low) * (height - 2 * edge)) / (high - low));
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  const last = values.length - 1;
  const drawn = values.length < 2 ? [`${edge},${height / 2}`, points[0]] : points;
  return chart(`${title}: ${values.join(", ")}`, width, height,
    draw("polyline", { class: "line", points: drawn.join(" ") }),
    draw("circle", { class: "dot", cx: x(last), cy: y(values[last]), r: 3.5 }));
}
