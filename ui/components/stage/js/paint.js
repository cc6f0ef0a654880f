// Canvases of a stage and what is painted on them.

const QUIET = window.matchMedia("(prefers-reduced-motion: reduce)");

// A canvas that shows the whole picture of `header` in a share of the stage's width; fit() sets its size.
class Sheet {
  constructor(header, label) {
    this.header = header;
    this.canvas = makeCanvas(1, 1);
    this.canvas.className = "sheet";
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
  }

  fit(space, cap = this.header.max_height) {
    const { width, height } = this.header;
    const full = Math.max(40, Math.min(space, (cap * width) / height));
    const ratio = window.devicePixelRatio || 1;
    this.canvas.style.width = `${full}px`;
    this.canvas.style.height = `${(full * height) / width}px`;
    this.canvas.width = Math.round(full * ratio);
    this.canvas.height = Math.round((full * ratio * height) / width);
  }

  get context() {
    return this.canvas.getContext("2d");
  }

  get camera() {
    const ratio = window.devicePixelRatio || 1;
    return { scale: this.canvas.width / this.header.width, left: 0, top: 0, ratio };
  }

  // The pixel of the picture under a pointer event.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.header;
    const clip = (value, length) => Math.min(length - 1, Math.max(0, Math.floor(value)));
    return [
      clip(((event.clientY - box.top) / box.height) * height, height),
      clip(((event.clientX - box.left) / box.width) * width, width),
    ];
  }
}

// A map of states as a layer that layers.js can paint.
function stateLayer(map, stage) {
  return { ...map, digest: stage.digests[map.blob], kind: "styles" };
}

function paintMap(context, map, camera, stage, opacity = 0.82) {
  context.save();
  context.globalAlpha = opacity;
  paintStyles(context, stateLayer(map, stage), camera, stage.scene);
  context.restore();
}

function stateLegend(styles, present, theme) {
  const items = present.map((number) => themedStyle(styles[number], theme));
  return element("ul", { class: "legend" }, ...items.map((style) => element("li", {}, legendSwatch(style), style.name)));
}

function rangeInput(label, most, value, moved) {
  const input = element("input", { type: "range", min: 0, max: most, step: 1, "aria-label": label });
  input.value = value;
  input.addEventListener("input", () => moved(Number(input.value)));
  return input;
}

function outlineRegion(context, [x, y, width, height], ratio) {
  context.strokeStyle = "#ffd23f";
  context.lineWidth = 4 * ratio;
  context.strokeRect(x, y, width, height);
}

// Two standard normal numbers from two uniform ones (Box and Muller).
function normalPair() {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  const angle = 2 * Math.PI * Math.random();
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
