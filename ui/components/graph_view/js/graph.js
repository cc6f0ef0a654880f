// The graph view: state, drawing order, gestures, keyboard, and the link to Python.

const REACH = 16; // CSS pixels around the pointer in which a node is found
const SHARPEN_AFTER = 120; // milliseconds without zooming before a stretched sheet is drawn anew
const HELP =
  "Arrow keys move from node to node. Enter selects the node, Escape clears. Plus and minus zoom, zero shows everything.";

class GraphView {
  constructor(root) {
    this.root = root;
    this.store = new BlobStore();
    this.sheet = new Sheet();
    this.sprites = new SpriteBox();
    this.scratch = scratchCanvas();
    this.updates = 0;
    this.redraw = onceAFrame(() => this.draw());
    this.redrawMarks = onceAFrame(() => this.drawMarks());
    this.base = makeCanvas(1, 1);
    this.overlay = makeCanvas(1, 1);
    this.tip = element("div", { class: "tip" });
    this.stage = element(
      "div",
      { class: "stage picture", tabindex: "0", role: "application", "aria-roledescription": "graph", "aria-describedby": "help" },
      this.base,
      this.overlay,
      this.tip,
    );
    this.zoomText = element("span", { class: "zoom", "aria-hidden": "true" });
    this.bar = element("div", { class: "bar", role: "toolbar", "aria-label": "Graph" });
    this.legend = element("ul", { class: "legend" });
    this.status = element("div", { class: "hidden-text", role: "status" });
    const help = element("div", { class: "hidden-text", id: "help" }, HELP);
    root.replaceChildren(this.bar, this.stage, this.legend, help, this.status);
    this.listen();
    this.observer = new ResizeObserver(() => this.relayout());
    this.observer.observe(root);
  }

  listen() {
    attachGestures(this.stage, {
      view: () => this.memory.view,
      changed: () => this.viewChanged(),
      hover: (x, y) => this.point(this.nodeAt(x, y)),
      leave: () => this.point(null),
      click: (x, y) => this.select(this.nodeAt(x, y)),
    });
    this.stage.addEventListener("keydown", (event) => this.keyDown(event));
    this.stage.addEventListener("blur", () => this.point(null));
  }

  dispose() {
    this.observer.disconnect();
    clearTimeout(this.sharpening);
    this.root.replaceChildren();
  }

  async update(component) {
    const ticket = ++this.updates;
    this.send = component.setStateValue;
    const { header, blobs } = readMessage(component.data);
    const decoded = await this.store.load(blobs);
    if (ticket !== this.updates) return; // a newer update overtook this one
    this.adopt(header, decoded);
  }

  adopt(header, decoded) {
    this.memory = recall(header);
    this.memory.view.resize(header.width, header.height);
    this.graph = readGraph(header, decoded, this);
    if (this.pointed >= this.graph.count) this.pointed = null;
    const { count, edgeCount } = this.graph;
    this.stage.setAttribute("aria-label", `Graph of ${count} nodes and ${edgeCount} edges`);
    const structure = JSON.stringify([header.key, header.colourings.map((c) => c.name), header.clusters?.layers.map((l) => l.name)]);
    this.root.classList.toggle("plain", header.plain);
    if (structure !== this.structure) buildBar(this);
    this.structure = structure;
    this.choose({});
  }

  // Change what is shown: {colouring: name} or {clusters: name}.
  choose(change) {
    Object.assign(this.memory, change);
    const { colourings } = this.graph;
    this.graph.colouring = colourings.find((c) => c.name === this.memory.colouring) ?? colourings[0];
    this.legend.replaceChildren(...graphLegend(this.graph));
    this.sheet.camera = null;
    this.relayout();
  }

  get size() {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  camera() {
    const ratio = window.devicePixelRatio || 1;
    const { scale, left, top } = this.memory.view.camera(this.size);
    return { scale: scale * ratio, left: Math.round(left * ratio), top: Math.round(top * ratio), ratio };
  }

  relayout() {
    if (!this.graph) return;
    this.stage.style.height = `${Math.min(this.graph.page_height, 1.15 * this.root.clientWidth)}px`;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.size.width, this.size.height].map((side) => Math.max(1, Math.round(side * ratio)));
    if (this.base.width !== width || this.base.height !== height) {
      for (const canvas of [this.base, this.overlay]) Object.assign(canvas, { width, height });
      this.sheet.camera = null;
    }
    this.memory.view.clamp(this.size);
    this.viewChanged();
  }

  viewChanged() {
    const { zoom } = this.memory.view;
    this.zoomText.textContent = percent(zoom);
    this.stage.style.touchAction = zoom > 1 ? "none" : "pan-y";
    this.redraw();
  }

  zoomBy(factor) {
    this.memory.view.zoomBy(factor, this.size);
    this.viewChanged();
  }

  showAll() {
    this.memory.view.reset();
    this.viewChanged();
  }

  draw() {
    const camera = this.camera();
    const { sheet, base } = this;
    const stretched = sheet.camera && sheet.camera.scale !== camera.scale;
    if (!sheet.camera || !sheet.covers(camera, base)) sheet.render(this.graph, camera, base);
    else if (stretched) this.sharpenSoon();
    sheet.blit(base.getContext("2d"), camera);
    this.drawMarks();
  }

  sharpenSoon() {
    clearTimeout(this.sharpening);
    this.sharpening = setTimeout(() => {
      this.sheet.camera = null;
      this.redraw();
    }, SHARPEN_AFTER);
  }

  drawMarks() {
    const { graph, pointed } = this;
    const context = this.overlay.getContext("2d");
    context.clearRect(0, 0, this.overlay.width, this.overlay.height);
    const camera = this.camera();
    if (graph.selected !== null) markSelected(context, graph, camera, graph.selected);
    if (pointed !== null) ringAround(context, graph, camera, pointed, graph.theme.text);
    const told = pointed ?? graph.selected;
    this.tip.classList.toggle("shown", told !== null);
    if (told === null) return;
    const facts = nodeFacts(graph, told).map(([name, value]) => factItem(name, value));
    this.tip.replaceChildren(element("dl", {}, ...facts));
    placeTip(this.tip, nodePlace(graph, camera, told).map((value) => value / camera.ratio), this.size);
  }

  nodeAt(x, y) {
    const { scale } = this.memory.view.camera(this.size);
    return nodeNear(this.graph, ...this.memory.view.toContent(this.size, x, y), REACH / scale);
  }

  point(node) {
    if (node === this.pointed) return;
    this.pointed = node;
    this.redrawMarks();
  }

  select(node) {
    if (node === null && this.graph.selected === null) return;
    this.graph.selected = node;
    this.send("selected", node === null ? null : { node, stamp: Date.now() });
    this.redrawMarks();
  }

  reveal(node) {
    this.show(node);
    this.select(node);
  }

  show(node) {
    this.memory.view.reveal(this.graph.positions[2 * node], this.graph.positions[2 * node + 1], this.size);
    this.viewChanged();
  }

  keyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (move) this.step(...move);
    else if (event.key === "Enter" && this.pointed !== null) this.select(this.pointed);
    else if (event.key === "Escape") this.select(null);
    else if (zoomKey(event, this.memory.view, this.size)) this.viewChanged();
    else return;
    event.preventDefault();
  }

  step(right, down) {
    const { graph, memory } = this;
    const from = this.pointed ?? graph.selected;
    this.pointed = from === null ? nodeNear(graph, memory.view.x, memory.view.y, Infinity) : nodeBeyond(graph, from, right, down);
    this.show(this.pointed);
    clearTimeout(this.announcement);
    this.announcement = setTimeout(() => {
      this.status.textContent = this.pointed === null ? "" : nodeFacts(this.graph, this.pointed).flat().join(" ");
    }, 300);
  }

  // The whole graph at twice its size in drawing units, on the page's background.
  export() {
    const { graph } = this;
    const canvas = makeCanvas(Math.round(2 * graph.width), Math.round(2 * graph.height));
    const context = canvas.getContext("2d");
    context.fillStyle = graph.theme.background;
    context.fillRect(0, 0, canvas.width, canvas.height);
    paintGraph(context, { ...graph, zoom: () => 1 }, { scale: 2, left: 0, top: 0, ratio: 1.6 });
    savePng(canvas, graph.file_name || "graph", graph.colouring.name);
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".root");
  root.graphView ??= new GraphView(root);
  root.graphView.update(component);
  return () => {
    root.graphView?.dispose();
    root.graphView = undefined;
  };
}
