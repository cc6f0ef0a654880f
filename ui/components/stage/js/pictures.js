// Pictures side by side, and a wipe between two maps of states.

class PicturesAct {
  constructor(stage) {
    this.stage = stage;
    const { pictures, closer } = stage.scene;
    this.sheets = pictures.map((picture) => new Sheet(stage.scene, `${picture.title}. ${picture.caption}`));
    this.box = element("input", { type: "checkbox", checked: stage.recall("close", false) });
    this.box.addEventListener("change", () => { stage.remember("close", this.box.checked); this.draw(); });
    const figures = pictures.map(({ title, caption }, index) =>
      element("figure", {}, element("figcaption", {}, element("b", {}, title)), this.sheets[index].canvas, element("figcaption", {}, caption)));
    const bar = closer ? element("div", { class: "bar" }, element("label", { class: "check" }, this.box, closer)) : null;
    this.node = element("div", {}, ...[bar].filter(Boolean), element("div", { class: "row" }, ...figures));
  }

  draw() {
    const { scene, decoded } = this.stage;
    this.sheets.forEach((sheet, index) => {
      const { blob, close } = scene.pictures[index];
      drawPixels(sheet.context, decoded[this.box.checked && close !== null ? close : blob], sheet.camera, scene);
    });
  }

  layout(width) {
    const count = this.sheets.length;
    const columns = width < 480 ? 1 : count > 3 ? 2 : count;
    const rows = Math.ceil(count / columns);
    const cap = columns === 1 ? this.stage.scene.max_height : (this.stage.scene.max_height - 46 * (rows - 1)) / rows;
    this.sheets.forEach((sheet) => sheet.fit((width - 16 * (columns - 1)) / columns, cap));
    this.draw();
  }

  dispose() {}
}

class WipeAct {
  constructor(stage) {
    this.stage = stage;
    const { names, maps } = stage.scene;
    this.share = stage.recall("wipe", 50);
    this.sheet = new Sheet(stage.scene, `Left of the line: ${names[0]}. Right of it: ${names[1]}.`);
    this.slider = rangeInput(`Line between ${names[0]} and ${names[1]}`, 100, this.share, (value) => this.go(value));
    const { canvas } = this.sheet;
    const drag = (event) => {
      const box = canvas.getBoundingClientRect();
      this.go(Math.round((100 * (event.clientX - box.left)) / box.width));
    };
    canvas.style.touchAction = "pan-y";
    canvas.style.cursor = "ew-resize";
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); drag(event); });
    canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && drag(event));
    const present = [...new Set(maps.flatMap((map) => map.present))].sort();
    this.ends = element("div", { class: "ends" }, element("span", {}, `◀ ${names[0]}`), element("span", {}, `${names[1]} ▶`));
    this.node = element("div", {}, this.ends, canvas, this.slider, stateLegend(maps[0].styles, present, stage.scene.theme));
  }

  go(share) {
    this.share = Math.min(100, Math.max(0, share));
    this.slider.value = this.share;
    this.stage.remember("wipe", this.share);
    this.draw();
  }

  draw() {
    const { scene, decoded } = this.stage;
    const { context, camera, canvas } = this.sheet;
    const line = (this.share / 100) * canvas.width;
    drawPixels(context, decoded[scene.ground], camera, scene);
    scene.maps.forEach((map, side) => {
      context.save();
      context.beginPath();
      context.rect(side ? line : 0, 0, side ? canvas.width - line : line, canvas.height);
      context.clip();
      paintMap(context, map, camera, this.stage);
      context.restore();
    });
    context.fillStyle = "#ffd23f";
    context.fillRect(line - 1.5 * camera.ratio, 0, 3 * camera.ratio, canvas.height);
  }

  layout(width) {
    this.sheet.fit(width);
    this.ends.style.width = this.slider.style.width = this.sheet.canvas.style.width;
    this.draw();
  }

  dispose() {}
}
