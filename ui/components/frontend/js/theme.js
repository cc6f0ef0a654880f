// Reads Streamlit's theme from its CSS variables, so that canvases follow the page.

function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim() || fallback;
  const background = read("background-color", "#ffffff");
  return {
    background,
    text: read("text-color", "#262730"),
    primary: read("primary-color", "#1f6fb2"),
    border: read("border-color", "#d0d0d8"),
    font: read("font", "sans-serif"),
    dark: isDark(background),
  };
}

function isDark(colour) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

function parseColour(text) {
  return [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16));
}

// A style as the current theme shows it: {name, fill, ink, pattern}.
function themedStyle(style, theme) {
  const side = theme.dark ? 1 : 0;
  return { name: style.name, fill: style.fill[side], ink: style.ink[side], pattern: style.pattern };
}
