// Noisy copies: Gaussian noise at the levels of the certificate, drawn anew several times a second.

const COPIES_A_SECOND = 6;

class CopiesAct {
  constructor(stage) {
    this.stage = stage;
    const { pictures } = stage.scene;
    this.sheets = pictures.map((picture) => new Sheet(stage.scene, `${picture.title}, one noisy copy`));
    this.counter = element("span", { class: "said" });
    this.toggle = toolButton("Stop or go on", "", () => this.run(!this.running));
    this.step = toolButton("Next copy", "Next copy", () => { this.run(false); this.copy(); });
    const figures = pictures.map((picture, index) =>
      element("figure", {}, element("figcaption", {}, picture.title), this.sheets[index].canvas));
    this.node = element("div", {}, element("div", { class: "bar" }, this.toggle, this.step, this.counter),
      element("div", { class: "row" }, ...figures));
    this.count = 0;
    this.clean = pictures.map((picture) => this.pixels(stage.decoded[picture.blob]));
    this.run(!QUIET.matches);
  }

  pixels(bitmap) {
    const canvas = makeCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    return { canvas, context, data: context.getImageData(0, 0, bitmap.width, bitmap.height) };
  }

  run(running) {
    this.running = running;
    clearInterval(this.timer);
    if (running) this.timer = setInterval(() => document.hidden || this.copy(), 1000 / COPIES_A_SECOND);
    this.toggle.textContent = running ? "Stop" : "Go on";
  }

  copy() {
    this.count += 1;
    this.counter.textContent = `noisy copy ${this.count}`;
    this.noise();
    this.draw();
  }

  noise() {
    this.noisy = this.clean.map(({ data }, index) => {
      const levels = this.stage.decoded[this.stage.scene.pictures[index].levels];
      const noisy = new Uint8ClampedArray(data.data);
      for (let pixel = 0; pixel < levels.length; pixel++) {
        const level = 255 * levels[pixel];
        const [red, green] = normalPair();
        const [blue] = normalPair();
        [red, green, blue].forEach((number, channel) => {
          noisy[4 * pixel + channel] = level < 0 ? 128 : noisy[4 * pixel + channel] + level * number;
        });
      }
      return new ImageData(noisy, data.width, data.height);
    });
  }

  draw() {
    if (!this.noisy) this.noise();
    this.sheets.forEach((sheet, index) => {
      const { canvas, context } = this.clean[index];
      context.putImageData(this.noisy[index], 0, 0);
      drawPixels(sheet.context, canvas, sheet.camera, this.stage.scene);
      const { marked } = this.stage.scene.pictures[index];
      if (marked) outlineRegion(sheet.context, regionBox(marked, sheet.camera), sheet.camera.ratio);
    });
  }

  layout(width) {
    const beside = width > 430 ? this.sheets.length : 1;
    this.sheets.forEach((sheet) => sheet.fit((width - 16 * (beside - 1)) / beside));
    this.draw();
  }

  dispose() {
    clearInterval(this.timer);
  }
}
