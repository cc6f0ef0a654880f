const MARK = "#ffd23f"; // crosshair and selection, over a dark rim: visible on every picture

// One panel: title, picture, layer controls, legend.

class Panel {
  constructor(viewer, index) {
    this.viewer = viewer;
    this.index = index;
    this.base = makeCanvas(1, 1);
    this.overlay = makeCanvas(1, 1);
    this.stage = element(
      "div",
      { class: "stage", tabindex: "0", role: "application", "aria-roledescription": "picture" },
      this.base,
      this.overlay,
    );
    this.title = element("span", { class: "panel-title" });
    this.save = toolButton("Save as PNG", "PNG", () => this.export());
    this.layers = element("div", { class: "layers" });
    this.legend = element("ul", { class: "legend" });
    const head = element("div", { class: "panel-head" }, this.title, this.save);
    this.node = element("section", { class: "panel" }, head, this.stage, this.layers, this.legend);
    attachGestures(this.stage, {
      view: () => viewer.memory.view,
      changed: () => viewer.viewChanged(),
      hover: (x, y) => viewer.pointAt(this, x, y),
      leave: () => viewer.pointAway(),
      click: (x, y) => viewer.select(this.pixelAt(x, y)),
    });
    this.rings = new RingHandles(this);
    this.stage.addEventListener("keydown", (event) => viewer.keyDown(event, this));
    this.stage.addEventListener("focus", () => viewer.focused(this));
  }

  get model() {
    return this.viewer.scene.panels[this.index];
  }

  get size() {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  // Rebuilt only when the layers change, so that a slider under the finger survives live updates.
  buildControls() {
    const { model, viewer } = this;
    this.title.textContent = model.title;
    this.save.setAttribute("aria-label", `Save ${model.title} as PNG`);
    this.stage.setAttribute("aria-label", `${model.title}. ${model.description}`.trim());
    this.stage.setAttribute("aria-describedby", "help");
    this.rows = model.layers.length > 1 ? model.layers.map((layer) => new LayerRow(viewer, this, layer)) : [];
    this.layers.replaceChildren(...this.rows.map((row) => row.node));
  }

  buildLegend() {
    const visible = this.model.layers.filter((layer) => layer.state.visible && layer.state.opacity > 0);
    this.legend.replaceChildren(...visible.flatMap((layer) => legendItems(layer, this.viewer.scene.theme)));
  }

  layout() {
    const { width, height, max_height: cap } = this.viewer.scene;
    const full = Math.min(this.node.clientWidth, (cap * width) / height);
    this.stage.style.width = `${full}px`;
    this.stage.style.height = `${(full * height) / width}px`;
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.base, this.overlay]) {
      canvas.width = Math.max(1, Math.round(full * ratio));
      canvas.height = Math.max(1, Math.round((full * ratio * height) / width));
    }
  }

  camera() {
    const ratio = window.devicePixelRatio || 1;
    const { scale, left, top } = this.viewer.memory.view.camera(this.size);
    return { scale: scale * ratio, left: Math.round(left * ratio), top: Math.round(top * ratio), ratio };
  }

  pixelAt(x, y) {
    const { width, height } = this.viewer.scene;
    const [column, row] = this.viewer.memory.view.toContent(this.size, x, y).map(Math.floor);
    return [Math.min(height - 1, Math.max(0, row)), Math.min(width - 1, Math.max(0, column))];
  }

  draw() {
    const context = this.base.getContext("2d");
    context.clearRect(0, 0, this.base.width, this.base.height);
    this.paint(context, this.camera());
    this.rings.place(this.camera());
  }

  paint(context, camera) {
    const { scene, memory } = this.viewer;
    for (const layer of this.model.layers) {
      if (layer.state.visible) paintLayer(context, layer, camera, scene);
    }
    if (scene.regions && memory.outlines) outlineRegions(context, scene, camera);
  }

  drawMarks() {
    const { scene, memory } = this.viewer;
    const context = this.overlay.getContext("2d");
    context.clearRect(0, 0, this.overlay.width, this.overlay.height);
    const camera = this.camera();
    if (scene.selected) markSelected(context, scene, camera);
    if (memory.crosshair) markCrosshair(context, memory.crosshair, camera);
  }

  // The whole picture, without crosshair, at a whole multiple of its own resolution.
  export() {
    const { width, height } = this.viewer.scene;
    const scale = Math.max(1, Math.round(1440 / width));
    const canvas = makeCanvas(width * scale, height * scale);
    this.paint(canvas.getContext("2d"), { scale, left: 0, top: 0, ratio: Math.max(1, scale / 4) });
    savePng(canvas, this.viewer.scene.file_name, this.model.title);
  }
}

// Check box and opacity slider of one layer; they write to the layer's remembered state.
class LayerRow {
  constructor(viewer, panel, layer) {
    const name = `${layer.name}, ${panel.model.title}`;
    this.state = layer.state;
    this.box = element("input", { type: "checkbox" });
    this.slider = element("input", { type: "range", min: 0, max: 100, "aria-label": `Opacity of ${name}` });
    this.share = element("output");
    const changed = () => {
      Object.assign(this.state, { visible: this.box.checked, opacity: this.slider.value / 100, touched: true });
      this.show();
      panel.buildLegend();
      panel.rings.build();
      viewer.redraw();
    };
    this.box.addEventListener("change", changed);
    this.slider.addEventListener("input", changed);
    const label = element("label", { class: "check" }, this.box, layer.name);
    this.node = element("div", { class: "layer" }, label, this.slider, this.share);
    this.show();
  }

  show() {
    const { visible, opacity } = this.state;
    this.box.checked = visible;
    this.slider.disabled = !visible;
    this.slider.value = Math.round(100 * opacity);
    this.share.textContent = percent(opacity);
  }
}

function legendItems(layer, theme) {
  if (layer.scale) return [scaleItem(layer.scale)];
  if (layer.kind !== "styles" || !layer.legend) return [];
  return layer.present.map((number) => {
    const style = themedStyle(layer.styles[number], theme);
    return element("li", {}, legendSwatch(style), style.name);
  });
}

function markCrosshair(context, [row, column], camera) {
  const x = (column + 0.5) * camera.scale + camera.left;
  const y = (row + 0.5) * camera.scale + camera.top;
  const { width, height } = context.canvas;
  for (const [style, thickness] of [["rgba(0, 0, 0, 0.6)", 3.5], [MARK, 1.5]]) {
    context.strokeStyle = style;
    context.lineWidth = thickness * camera.ratio;
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(width, y);
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.stroke();
  }
}

function markSelected(context, scene, camera) {
  const [row, column] = scene.selected;
  const boxes = [[row, column, row + 1, column + 1]];
  const region = regionAt(scene.regions, row, column);
  if (region !== null) boxes.push(scene.regions.rectangles[region]);
  for (const box of boxes) {
    const [x, y, width, height] = regionBox(box, camera);
    const grow = Math.max(0, (8 * camera.ratio - width) / 2);
    for (const [style, thickness] of [["rgba(0, 0, 0, 0.8)", 5], [MARK, 2.5]]) {
      context.strokeStyle = style;
      context.lineWidth = thickness * camera.ratio;
      context.strokeRect(x - grow, y - grow, width + 2 * grow, height + 2 * grow);
    }
  }
}

function regionAt(regions, row, column) {
  if (!regions) return null;
  const inside = ([top, left, bottom, right]) => top <= row && row < bottom && left <= column && column < right;
  const index = regions.rectangles.findIndex(inside);
  return index < 0 ? null : index;
}
