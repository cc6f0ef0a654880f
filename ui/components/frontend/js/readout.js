// Text of values and legends, shared by the components.

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

// A value as text: its name if it has one, else a number with its unit.
function valueText({ names, digits, unit }, value) {
  if (names) return names[value] ?? "none";
  if (Number.isNaN(value)) return "none";
  if (!Number.isFinite(value)) return "∞";
  return `${value.toFixed(digits)}${unit ? ` ${unit}` : ""}`;
}

function factItem(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

// Legend entry of a colour scale: name, low end, ramp, high end.
function scaleItem({ name, low, high, colours }) {
  const ramp = element("span", { class: "ramp", role: "img", "aria-label": `colours from ${low} to ${high}` });
  ramp.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  const scale = element("span", { class: "scale" }, element("span", {}, low), ramp, element("span", {}, high));
  return element("li", {}, name, scale);
}
