// Noise levels seen from a region, and how much larger a change may be far away.

class LevelsAct {
  constructor(stage) {
    this.stage = stage;
    const count = stage.scene.rectangles.length;
    this.picked = stage.recall("region", Math.floor(count / 2));
    this.sheet = new Sheet(stage.scene, "Noise level of every region, seen from the marked one");
    this.sheet.canvas.addEventListener("click", (event) => this.go(regionAt(stage.scene, ...this.sheet.at(event)) ?? this.picked));
    this.slider = rangeInput("Region that looks", count - 1, this.picked, (value) => this.go(value));
    this.said = element("p", { class: "said", role: "status" });
    this.node = element("div", {}, element("div", { class: "bar" }, element("label", { class: "check" }, "Region that looks", this.slider)),
      this.said, this.sheet.canvas);
    this.describe();
  }

  go(region) {
    this.picked = region;
    this.slider.value = region;
    this.stage.remember("region", region);
    this.describe();
    this.draw();
  }

  describe() {
    const levels = this.stage.scene.levels[this.picked].filter((level) => level !== null);
    const [low, high] = [Math.min(...levels), Math.max(...levels)];
    this.said.textContent = `Seen from region ${this.picked}: noise from ${low.toFixed(2)} at home to ${high.toFixed(2)} far away. ` +
      `Out there a change must be ${(high / low).toFixed(1)} times as large to do the same harm.`;
  }

  draw() {
    const { scene, decoded } = this.stage;
    const { context, camera } = this.sheet;
    drawPixels(context, decoded[scene.blob], camera, scene);
    const levels = scene.levels[this.picked];
    const known = levels.filter((level) => level !== null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    scene.rectangles.forEach((rectangle, region) => {
      const [x, y, width, height] = regionBox(rectangle, camera);
      const share = levels[region] === null ? 1 : (levels[region] - low) / Math.max(high - low, 1e-9);
      context.fillStyle = `rgba(16, 40, 70, ${0.15 + 0.6 * share})`;
      context.fillRect(x, y, width, height);
      context.strokeStyle = "rgba(255, 255, 255, 0.6)";
      context.lineWidth = camera.ratio;
      context.strokeRect(x, y, width, height);
      boardText(context, scene.theme, levels[region] === null ? "blank" : levels[region].toFixed(2), x + width / 2, y + height / 2, camera.ratio);
    });
    outlineRegion(context, regionBox(scene.rectangles[this.picked], camera), camera.ratio);
  }

  layout(width) {
    this.sheet.fit(width);
    this.draw();
  }

  dispose() {}
}

function regionAt({ rectangles }, row, column) {
  const index = rectangles.findIndex(([top, left, bottom, right]) => top <= row && row < bottom && left <= column && column < right);
  return index < 0 ? null : index;
}

function boardText(context, theme, text, x, y, ratio, size = 15) {
  context.font = `600 ${size * ratio}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  haloText(context, text, x, y, ratio);
  context.textBaseline = "alphabetic";
}
