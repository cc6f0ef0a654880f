// A slider through maps of states, on a picture or on a graph.

class StepsAct {
  constructor(stage) {
    this.stage = stage;
    const { captions, name, stops, first, styles, maps } = stage.scene;
    this.at = Math.min(stage.recall("step", first), captions.length - 1);
    this.sheet = new Sheet(stage.scene, `State at each ${name}`);
    this.slider = rangeInput(name, captions.length - 1, this.at, (value) => this.go(value));
    this.stop = element("output", {}, stops[this.at]);
    this.said = element("p", { class: "said", role: "status" });
    const label = element("label", { class: "check" }, name, this.slider, this.stop);
    const every = styles ?? maps[0].styles;
    const present = styles ? styles.map((_, index) => index) : [...new Set(maps.flatMap((map) => map.present))].sort();
    this.node = element("div", {}, element("div", { class: "bar" }, label), this.said, this.sheet.canvas,
      stateLegend(every, present, stage.scene.theme));
    this.describe();
  }

  go(step) {
    this.at = step;
    this.stage.remember("step", step);
    this.describe();
    this.draw();
  }

  describe() {
    const { captions, stops } = this.stage.scene;
    this.stop.textContent = stops[this.at];
    this.slider.setAttribute("aria-valuetext", stops[this.at]);
    this.said.textContent = captions[this.at];
  }

  draw() {
    const { scene, decoded } = this.stage;
    const { context, camera, canvas } = this.sheet;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (scene.ground === undefined) {
      const numbers = decoded[scene.maps[this.at]];
      const styles = scene.styles.map((style) => themedStyle(style, scene.theme));
      paintGraph(context, this.stage, camera, (node) => styles[numbers[node]], new Set(scene.marked[this.at] ?? []));
      return;
    }
    drawPixels(context, decoded[scene.ground], camera, scene);
    paintMap(context, scene.maps[this.at], camera, this.stage);
  }

  layout(width) {
    this.sheet.fit(width);
    this.draw();
  }

  dispose() {}
}
