// Small DOM helpers.

function makeCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  return canvas;
}

// element("button", {class: "x", "aria-label": "y", onclick: f}, "text", child, ...)
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

function toolButton(label, text, action) {
  return element("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: action }, text);
}

function savePng(canvas, ...words) {
  canvas.toBlob((blob) => {
    const link = element("a", { href: URL.createObjectURL(blob), download: `${words.map(slug).filter(Boolean).join("_") || "picture"}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}

function slug(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}._]+/gu, "-").replace(/^-|-$/g, "");
}

// Runs `draw` at most once per frame.
function onceAFrame(draw) {
  let pending = 0;
  return () => {
    if (!pending) {
      pending = requestAnimationFrame(() => {
        pending = 0;
        draw();
      });
    }
  };
}

// Text that stays readable on every background.
function haloText(context, text, x, y, ratio) {
  context.lineWidth = 3 * ratio;
  context.lineJoin = "round";
  context.strokeStyle = "rgba(0, 0, 0, 0.75)";
  context.strokeText(text, x, y);
  context.fillStyle = "#ffffff";
  context.fillText(text, x, y);
}

// A canvas for intermediate results that grows when needed: scratch(width, height).
function scratchCanvas() {
  const canvas = makeCanvas(1, 1);
  return (width, height) => {
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    return canvas;
  };
}
