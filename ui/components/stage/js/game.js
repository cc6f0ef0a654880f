// The reader is the adversary: a budget, painted over regions or clusters.

const [FALLS, STANDS, APART] = [0, 1, 2];

class GameAct {
  constructor(stage) {
    this.stage = stage;
    const { scene } = stage;
    this.places = scene.weights[0][0].length;
    this.groups = stage.decoded[scene.groups];
    this.thresholds = stage.decoded[scene.thresholds];
    this.counted = stage.decoded[scene.counted];
    this.numbers = new Uint8Array(this.groups.length);
    this.spent = this.restored() ?? this.nothing();
    this.brush = { kind: 0, sign: 1, place: 0 };
    this.machine = this.falling(scene.machine);
    this.sheet = new Sheet(scene, `Board: the ${scene.outputs}, and what is spent in each ${scene.place}`);
    this.listen();
    this.buildNode();
    this.changed();
  }

  nothing() {
    return this.stage.scene.budgets.map(() => new Array(this.places).fill(0));
  }

  // What was painted before, if it fits the present budget.
  restored() {
    const known = this.stage.recall("spent", null);
    const { budgets } = this.stage.scene;
    const fits = known?.length === budgets.length && known[0].length === this.places;
    return fits && known.every((row, kind) => sum(row) <= budgets[kind] * (1 + 1e-9)) ? known : null;
  }

  buildNode() {
    const { scene } = this.stage;
    const button = (label, act) => element("button", { type: "button", class: "tool", onclick: act }, label);
    const load = (allocation) => () => { this.spent = allocation.map((row) => [...row]); this.changed(); };
    const kinds = scene.kinds.map((kind, index) =>
      this.radio("kind", kind, index === 0, () => (this.brush.kind = index)));
    this.chooser = element("select", { class: "tool", "aria-label": `${scene.place} to spend in` },
      ...Array.from({ length: this.places }, (_, place) => element("option", { value: place }, `${scene.place} ${place}`)));
    this.score = element("p", { class: "score", role: "status" });
    this.left = element("p", { class: "said" });
    const brushes = [this.radio("sign", "spend", true, () => (this.brush.sign = 1)), this.radio("sign", "take back", false, () => (this.brush.sign = -1))];
    this.node = element("div", {},
      element("div", { class: "bar" }, ...(kinds.length > 1 ? kinds : []), ...brushes, this.chooser,
        button("Stroke here", () => this.stroke(Number(this.chooser.value)))),
      element("div", { class: "bar" }, button("Spread evenly", () => this.spread()), button("Start again", () => { this.spent = this.nothing(); this.changed(); }),
        button("Show the machine's", load(scene.machine)), scene.attack ? button("Load the attack found", load(scene.attack)) : null),
      this.score, this.left, this.sheet.canvas,
      stateLegend(scene.styles, [FALLS, STANDS, APART], scene.theme));
  }

  radio(name, text, checked, chosen) {
    const input = element("input", { type: "radio", name: `${this.stage.scene.key}-${name}`, checked });
    input.addEventListener("change", chosen);
    return element("label", { class: "check" }, input, text);
  }

  listen() {
    const { canvas } = this.sheet;
    canvas.style.touchAction = "none";
    canvas.style.cursor = "crosshair";
    let last = null;
    const paint = (event) => {
      const place = this.placeAt(...this.sheet.at(event));
      if (place === last) return;
      last = place;
      this.stroke(place);
    };
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); last = null; paint(event); });
    canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && paint(event));
  }

  // The region under a pixel, or the cluster of the nearest node.
  placeAt(row, column) {
    const { scene, decoded } = this.stage;
    if (scene.rectangles) return regionAt(scene, row, column) ?? 0;
    const points = decoded[scene.points];
    let [best, nearest] = [0, Infinity];
    for (let node = 0; node < points.length / 2; node++) {
      const distance = (points[2 * node] - column) ** 2 + (points[2 * node + 1] - row) ** 2;
      if (distance < nearest) [best, nearest] = [node, distance];
    }
    return decoded[scene.clusters][best];
  }

  stroke(place) {
    const { kind, sign } = this.brush;
    const { budgets, steps } = this.stage.scene;
    const free = budgets[kind] - sum(this.spent[kind]);
    const change = sign > 0 ? Math.min(steps[kind], free) : -Math.min(steps[kind], this.spent[kind][place]);
    if (Math.abs(change) < 1e-12) return;
    this.spent[kind][place] += change;
    this.chooser.value = place;
    this.changed();
  }

  spread() {
    const { budgets, steps, saying } = this.stage.scene;
    this.spent = budgets.map((budget, kind) => {
      if (saying === "%") return new Array(this.places).fill(budget / this.places);
      const row = new Array(this.places).fill(0);
      for (let unit = 0; unit < Math.floor(budget / steps[kind]); unit++) row[unit % this.places] += steps[kind];
      return row;
    });
    this.changed();
  }

  // Whether each output could fall for an allocation, and how many of the counted ones.
  falling(allocation) {
    const { weights } = this.stage.scene;
    const costs = weights[0].map((_, group) =>
      sum(allocation.map((row, kind) => sum(row.map((amount, place) => (amount > 0 ? amount * (weights[kind][group][place] ?? Infinity) : 0))))));
    let fallen = 0;
    for (let output = 0; output < this.groups.length; output++) {
      const falls = !(costs[this.groups[output]] < this.thresholds[output]);
      this.numbers[output] = this.counted[output] ? (falls ? FALLS : STANDS) : APART;
      fallen += this.counted[output] && falls ? 1 : 0;
    }
    return fallen;
  }

  changed() {
    const { scene } = this.stage;
    this.fallen = this.falling(this.spent);
    this.stage.remember("spent", this.spent);
    const share = this.machine ? Math.floor((100 * this.fallen) / this.machine) : 100;
    const beats = this.fallen > this.machine ? " More than the machine found!" : "";
    this.score.textContent = `${this.fallen.toLocaleString("en")} ${scene.outputs} could fall: ${share} % of the machine's ` +
      `${this.machine.toLocaleString("en")}.${beats} At most ${scene.most.toLocaleString("en")} can, proven.`;
    const left = scene.budgets.map((budget, kind) => this.amount(Math.max(0, budget - sum(this.spent[kind])), kind));
    const apart = Math.round(100 * this.distance());
    this.left.textContent = `Left to spend: ${left.join(", ")}. ${apart} % of the budget lies elsewhere than in the worst division found.`;
    this.draw?.call(this);
  }

  // Half the sum of differences, as a share of all budgets: what would have to be moved, or is not spent.
  distance() {
    const { machine, budgets } = this.stage.scene;
    const parts = budgets.map((budget, kind) => {
      const differences = machine[kind].map((amount, place) => Math.max(0, amount - this.spent[kind][place]));
      return budget > 0 ? sum(differences) / budget : 0;
    });
    const used = budgets.filter((budget) => budget > 0).length;
    return sum(parts) / Math.max(1, used);
  }

  amount(value, kind) {
    const { saying, budgets, kinds } = this.stage.scene;
    if (saying === "%") return `${Math.round((100 * value) / Math.max(budgets[kind], 1e-12))} %`;
    return `${value} ${kinds[kind]}`;
  }

  label(place) {
    const { saying, budgets } = this.stage.scene;
    if (saying === "%") {
      const share = Math.round((100 * this.spent[0][place]) / Math.max(budgets[0], 1e-12));
      return share ? `${share} %` : "";
    }
    return this.spent.map((row, kind) => (row[place] ? `${saying[kind]}${row[place]}` : "")).filter(Boolean).join(" ");
  }

  draw() {
    if (!this.sheet) return;
    const { scene, decoded } = this.stage;
    const { context, camera, canvas } = this.sheet;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const styles = scene.styles.map((style) => themedStyle(style, scene.theme));
    if (!scene.rectangles) {
      paintGraph(context, this.stage, camera, (node) => styles[this.numbers[node]]);
      this.centres().forEach(([x, y], place) => {
        const text = this.label(place);
        if (text) boardText(context, scene.theme, text, x * camera.scale, y * camera.scale, camera.ratio, 18);
      });
      return;
    }
    drawPixels(context, decoded[scene.blob], camera, scene);
    context.save();
    context.globalAlpha = 0.72;
    const picture = pixelCanvas(scene, this.numbers, (number) => (styles[number] ? parseColour(styles[number].fill) : null));
    drawPixels(context, picture, camera, scene);
    context.restore();
    scene.rectangles.forEach((rectangle, place) => {
      const [x, y, width, height] = regionBox(rectangle, camera);
      context.strokeStyle = "rgba(255, 255, 255, 0.75)";
      context.lineWidth = camera.ratio;
      context.strokeRect(x, y, width, height);
      boardText(context, scene.theme, this.label(place), x + width / 2, y + height / 2, camera.ratio, 17);
    });
  }

  centres() {
    const { scene, decoded } = this.stage;
    const [points, clusters] = [decoded[scene.points], decoded[scene.clusters]];
    const totals = Array.from({ length: this.places }, () => [0, 0, 0]);
    clusters.forEach((cluster, node) => {
      totals[cluster][0] += points[2 * node];
      totals[cluster][1] += points[2 * node + 1];
      totals[cluster][2] += 1;
    });
    return totals.map(([x, y, count]) => [x / Math.max(1, count), y / Math.max(1, count)]);
  }

  layout(width) {
    this.sheet.fit(width);
    this.draw();
  }

  dispose() {}
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
