// The image viewer: state shared by its panels, tool bar, readout, keyboard, and the link to Python.

const MEMORY = new Map(); // by viewer key: what the reader set up; survives reruns and page changes
const HELP =
  "Arrow keys move the crosshair, with Shift by ten pixels. Enter selects the pixel, Escape clears. " +
  "Plus and minus zoom, zero shows everything.";

class ImageViewer {
  constructor(root) {
    this.root = root;
    this.store = new BlobStore();
    this.updates = 0;
    this.panels = [];
    this.scratch = scratchCanvas();
    this.redraw = onceAFrame(() => this.drawAll());
    this.redrawMarks = onceAFrame(() => this.drawMarks());
    this.zoomText = element("span", { class: "zoom", "aria-hidden": "true" });
    this.readout = element("dl", { class: "readout" });
    this.status = element("div", { class: "hidden-text", role: "status" });
    this.grid = element("div", { class: "panels" });
    this.bar = element("div", { class: "bar", role: "toolbar", "aria-label": "Zoom" });
    const help = element("div", { class: "hidden-text", id: "help" }, HELP);
    root.replaceChildren(this.bar, this.grid, help, this.status);
    this.observer = new ResizeObserver(() => this.relayout());
    this.observer.observe(root);
  }

  dispose() {
    this.observer.disconnect();
    this.root.replaceChildren();
  }

  async update(component) {
    const ticket = ++this.updates;
    this.send = component.setStateValue;
    this.trigger = component.setTriggerValue;
    const { header, blobs } = readMessage(component.data);
    const decoded = await this.store.load(blobs);
    if (ticket !== this.updates) return; // a newer update overtook this one
    this.adopt(header, decoded, blobs);
  }

  adopt(header, decoded, blobs) {
    this.memory = recall(header);
    this.memory.view.resize(header.width, header.height);
    const painted = this.scene?.painted ?? new Map();
    this.scene = { ...header, decoded, painted, theme: readTheme(this.root), scratch: this.scratch };
    for (const panel of header.panels) {
      for (const layer of panel.layers) {
        layer.digest = blobs[layer.blob]?.digest;
        layer.state = recallLayer(this.memory, panel, layer);
      }
    }
    this.root.classList.toggle("plain", header.plain);
    this.forgetPainted();
    this.buildPanels();
    this.relayout();
  }

  // Painted states of layers that are gone would pile up over a live run.
  forgetPainted() {
    const digests = this.scene.panels.flatMap((panel) => panel.layers.map((layer) => layer.digest));
    for (const stamp of this.scene.painted.keys()) {
      if (!digests.some((digest) => digest && stamp.startsWith(digest))) this.scene.painted.delete(stamp);
    }
  }

  buildPanels() {
    const { panels, regions } = this.scene;
    const structure = JSON.stringify([
      panels.map((panel) => [panel.title, panel.description, panel.layers.map((layer) => layer.name)]),
      Boolean(regions),
      this.hasRings,
      this.scene.key,
    ]);
    if (structure === this.structure) {
      for (const panel of this.panels) panel.rows.forEach((row) => row.show());
    } else {
      this.structure = structure;
      this.panels = panels.map((_, index) => new Panel(this, index));
      this.panels.forEach((panel) => panel.buildControls());
      this.grid.replaceChildren(...this.panels.map((panel) => panel.node));
      this.buildBar();
    }
    this.panels.forEach((panel) => panel.buildLegend());
    this.panels.forEach((panel) => panel.rings.build());
  }

  get hasRings() {
    return this.scene.panels.some((panel) => panel.layers.some((layer) => layer.rings));
  }

  // Shows a level that is not sent yet; null shows Python's levels again.
  previewRings(change) {
    for (const layer of this.scene.panels.flatMap((panel) => panel.layers)) layer.preview = undefined;
    if (change) {
      const { layer, members, level } = change;
      const colour = scaleColour(layer.scale, layer.rings.range, level);
      layer.preview = new Map(members.map((region) => [region, { colour, label: level.toFixed(2) }]));
    }
    this.redraw();
  }

  // A check box in the tool bar that remembers its state under a name.
  switch(name, text) {
    const box = element("input", { type: "checkbox", checked: this.memory[name] });
    box.addEventListener("change", () => {
      this.memory[name] = box.checked;
      this.redraw();
    });
    return element("label", { class: "check" }, box, text);
  }

  buildBar() {
    const zoom = (factor) => () => this.zoomBy(factor);
    this.bar.replaceChildren(
      toolButton("Zoom out", "−", zoom(1 / ZOOM_STEP)),
      this.zoomText,
      toolButton("Zoom in", "+", zoom(ZOOM_STEP)),
      toolButton("Fit: show everything", "Fit", () => {
        this.memory.view.reset();
        this.viewChanged();
      }),
      ...(this.scene.regions ? [this.switch("outlines", "Regions")] : []),
      ...(this.hasRings ? [this.switch("everyGroup", "Drag rings of all regions")] : []),
      this.readout,
    );
  }

  relayout() {
    if (!this.scene) return;
    this.panels.forEach((panel) => panel.layout());
    if (this.panels.length) this.memory.view.clamp(this.panels[0].size);
    this.viewChanged();
  }

  zoomBy(factor) {
    this.memory.view.zoomBy(factor, this.panels[0].size);
    this.viewChanged();
  }

  viewChanged() {
    const { zoom } = this.memory.view;
    this.zoomText.textContent = percent(zoom);
    for (const panel of this.panels) panel.stage.style.touchAction = zoom > 1 ? "none" : "pan-y";
    this.redraw();
  }

  drawAll() {
    this.panels.forEach((panel) => panel.draw());
    this.drawMarks();
  }

  drawMarks() {
    this.panels.forEach((panel) => panel.drawMarks());
    this.describe();
  }

  pointAt(panel, x, y) {
    this.memory.crosshair = panel.pixelAt(x, y);
    this.redrawMarks();
  }

  pointAway() {
    this.memory.crosshair = null;
    this.redrawMarks();
  }

  // The keyboard needs a crosshair to move: the selected pixel, else the middle of what is shown.
  focused(panel) {
    const { view } = this.memory;
    this.memory.crosshair ??= this.scene.selected ?? [Math.floor(view.y), Math.floor(view.x)];
    if (panel.stage.matches(":focus-visible")) this.revealCrosshair(panel);
    else this.redrawMarks();
  }

  revealCrosshair(panel) {
    const [row, column] = this.memory.crosshair;
    this.memory.view.reveal(column + 0.5, row + 0.5, panel.size);
    this.viewChanged();
  }

  select(pixel) {
    this.scene.selected = this.memory.crosshair = pixel;
    this.send("selected", pixel && { row: pixel[0], column: pixel[1], stamp: Date.now() });
    this.redrawMarks();
  }

  keyDown(event, panel) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) this.moveCrosshair(move, event.shiftKey ? 10 : 1, panel);
    else if (event.key === "Enter") this.select(this.memory.crosshair);
    else if (event.key === "Escape") this.select(null);
    else if (zoomKey(event, this.memory.view, panel.size)) this.viewChanged();
    else return;
    event.preventDefault();
    this.announce();
  }

  moveCrosshair([down, right], step, panel) {
    const { height, width } = this.scene;
    const [row, column] = this.memory.crosshair;
    const next = (value, change, length) => Math.min(length - 1, Math.max(0, value + change * step));
    this.memory.crosshair = [next(row, down, height), next(column, right, width)];
    this.revealCrosshair(panel);
  }

  // The readout shows the pixel under the crosshair, else the selected one.
  describe() {
    const pixel = this.memory.crosshair ?? this.scene.selected;
    const facts = pixel ? pixelFacts(this.scene, pixel) : [];
    this.readout.replaceChildren(...facts.map(([name, value]) => factItem(name, value)));
  }

  announce() {
    clearTimeout(this.announcement);
    this.announcement = setTimeout(() => {
      const pixel = this.memory.crosshair;
      this.status.textContent = pixel ? pixelFacts(this.scene, pixel).flat().join(" ") : "";
    }, 300);
  }
}

function recall(header) {
  if (!MEMORY.has(header.key)) {
    MEMORY.set(header.key, {
      view: new View(header.width, header.height),
      layers: new Map(),
      outlines: header.regions?.outlined ?? false,
      everyGroup: false,
      crosshair: null,
    });
  }
  return MEMORY.get(header.key);
}

// What the reader set stays; what the reader never touched follows Python.
function recallLayer(memory, panel, { name, visible, opacity }) {
  const title = `${panel.title}/${name}`;
  const state = memory.layers.get(title) ?? {};
  memory.layers.set(title, state);
  return state.touched ? state : Object.assign(state, { visible, opacity });
}

// [name, text] pairs of everything known about a pixel.
function pixelFacts(scene, [row, column]) {
  const region = regionAt(scene.regions, row, column);
  const facts = [["row", row], ["column", column]];
  if (region !== null) facts.push(["region", region]);
  for (const values of scene.values) {
    const value = scene.decoded[values.blob][row * scene.width + column];
    facts.push([values.name, valueText(values, value)]);
  }
  return facts.map(([name, value]) => [name, String(value)]);
}

export default function (component) {
  const root = component.parentElement.querySelector(".root");
  root.viewer ??= new ImageViewer(root);
  root.viewer.update(component);
  return () => {
    root.viewer?.dispose();
    root.viewer = undefined;
  };
}
