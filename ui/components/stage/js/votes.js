// Votes of one pixel fill up copy by copy, while the lower bound on its label's share climbs.

const FILL_SECONDS = 9;

class VotesAct {
  constructor(stage) {
    this.stage = stage;
    const { label } = stage.scene;
    this.votes = stage.decoded[stage.scene.agrees];
    this.sheet = new Sheet(stage.scene, "The picture: click a pixel to see its votes");
    this.sheet.canvas.addEventListener("click", (event) => stage.pick(this.sheet.at(event)));
    this.chart = element("canvas", { class: "sheet", role: "img", "aria-label": `Votes for ${label} and the bound on their share` });
    const start = stage.recall("copies", QUIET.matches ? this.votes.length : 0);
    this.slider = rangeInput("Copies drawn so far", this.votes.length, start, (value) => { this.run(false); this.go(value); });
    this.toggle = toolButton("Play or stop", "", () => this.run(!this.running));
    this.said = element("p", { class: "said", role: "status" });
    this.node = element("div", {}, element("div", { class: "bar" }, this.toggle, this.slider), this.said,
      element("div", { class: "row" }, this.sheet.canvas, this.chart));
    this.totals = new Int32Array(this.votes.length + 1);
    this.votes.forEach((vote, index) => (this.totals[index + 1] = this.totals[index] + vote));
    this.at = start;
    this.run(false);
    if (!QUIET.matches && start === 0) this.run(true);
    this.describe();
  }

  run(running) {
    if (running && this.at >= this.votes.length) this.at = 0;
    this.running = running;
    this.toggle.textContent = running ? "Stop" : "Play";
    cancelAnimationFrame(this.frame);
    this.began = performance.now() - this.share(this.at) * 1000 * FILL_SECONDS;
    if (running) this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  // The first copies come slowly: that is where the bound crosses one half.
  share(copies) {
    return Math.cbrt(copies / this.votes.length);
  }

  tick(now) {
    const share = Math.min(1, (now - this.began) / 1000 / FILL_SECONDS);
    this.go(Math.round(share ** 3 * this.votes.length));
    if (share >= 1) this.run(false);
    else if (this.running) this.frame = requestAnimationFrame((next) => this.tick(next));
  }

  go(copies) {
    if (copies === this.at) return;
    this.at = copies;
    this.slider.value = copies;
    this.stage.remember("copies", copies);
    this.describe();
    this.draw();
  }

  // Position in the list of bounds of the last one that these copies allow; -1 for none.
  get known() {
    return this.stage.scene.counts.findLastIndex((count) => count <= this.at);
  }

  describe() {
    const { bounds, radii, label, counts } = this.stage.scene;
    const known = this.known;
    const bound = known < 0 ? 0 : bounds[known];
    const sure = bound > 0.5 ? `safe up to ε = ${(Math.floor(1e4 * radii[known]) / 1e4).toFixed(4)}` : "no majority for sure: it abstains";
    const upto = known < 0 ? "" : ` After ${counts[known].toLocaleString("en")}: share at least ${(Math.floor(1000 * bound) / 10).toFixed(1)} %, ${sure}.`;
    this.said.textContent = `${this.totals[this.at].toLocaleString("en")} of ${this.at.toLocaleString("en")} copies say ${label}.${upto}`;
  }

  draw() {
    const { scene, decoded } = this.stage;
    const camera = this.sheet.camera;
    drawPixels(this.sheet.context, decoded[scene.blob], camera, scene);
    markCross(this.sheet.context, scene.place, camera);
    this.drawDots();
    this.drawBounds();
  }

  // A dot for every copy, filled as they come.
  drawDots() {
    const context = this.chart.getContext("2d");
    const { width, height } = this.chart;
    context.clearRect(0, 0, width, height);
    const { primary, border } = this.stage.scene.theme;
    const top = 0.72 * height;
    const count = this.votes.length;
    const columns = Math.ceil(Math.sqrt((count * width) / (height - top)));
    const cell = width / columns;
    for (let copy = 0; copy < count; copy++) {
      const [x, y] = [(copy % columns) * cell, top + Math.floor(copy / columns) * cell];
      context.fillStyle = copy >= this.at ? border : this.votes[copy] ? primary : "#d24a1a";
      if (copy < this.at && !this.votes[copy]) context.fillRect(x, y, cell * 0.92, cell * 0.92);
      else context.fillRect(x + 0.15 * cell, y + 0.15 * cell, 0.7 * cell, 0.7 * cell);
    }
  }

  drawBounds() {
    const context = this.chart.getContext("2d");
    const { counts, bounds, theme } = this.stage.scene;
    const ratio = window.devicePixelRatio || 1;
    const [left, right, top, bottom] = [40 * ratio, this.chart.width - 8 * ratio, 10 * ratio, 0.54 * this.chart.height];
    const x = (copies) => left + this.share(copies) * (right - left);
    const y = (share) => bottom - share * (bottom - top);
    context.font = `${12 * ratio}px ${theme.font}`;
    context.fillStyle = theme.text;
    context.textAlign = "right";
    for (const share of [0, 0.5, 1]) context.fillText(`${100 * share} %`, left - 5 * ratio, y(share) + 4 * ratio);
    context.textAlign = "left";
    context.fillText("one half", left + 4 * ratio, y(0.5) - 5 * ratio);
    const line = (points, colour, width, dash = []) => {
      context.beginPath();
      context.setLineDash(dash.map((part) => part * ratio));
      points.forEach(([px, py], index) => (index ? context.lineTo(px, py) : context.moveTo(px, py)));
      Object.assign(context, { strokeStyle: colour, lineWidth: width * ratio });
      context.stroke();
      context.setLineDash([]);
    };
    line([[left, y(0.5)], [right, y(0.5)]], theme.text, 1, [5, 4]);
    line([[left, y(0)], [right, y(0)]], theme.border, 1);
    const shown = counts.map((count, index) => [count, index]).filter(([count]) => count <= this.at);
    line(shown.map(([count]) => [x(count), y(this.totals[count] / count)]), theme.border, 2);
    line(shown.map(([count, index]) => [x(count), y(bounds[index])]), theme.primary, 3);
    context.textAlign = "right";
    context.fillText("grey: share of the votes · thick: proven lower bound", right, bottom + 16 * ratio);
    this.drawRadius(context, left, right, 0.66 * this.chart.height, ratio);
  }

  // A bar as long as the radius that is proven so far, beside the one of all copies.
  drawRadius(context, left, right, top, ratio) {
    const { radii, theme } = this.stage.scene;
    const whole = Math.max(radii[radii.length - 1], 1e-12);
    const share = this.known < 0 ? 0 : radii[this.known] / whole;
    context.fillStyle = theme.border;
    context.fillRect(left, top, right - left, 6 * ratio);
    context.fillStyle = theme.primary;
    context.fillRect(left, top, Math.min(1, share) * (right - left), 6 * ratio);
    context.fillStyle = theme.text;
    context.textAlign = "right";
    context.fillText("radius", left - 5 * ratio, top + 7 * ratio);
  }

  layout(width) {
    const beside = width > 430;
    const space = beside ? (width - 16) / 2 : width;
    this.sheet.fit(space);
    const ratio = window.devicePixelRatio || 1;
    const height = this.sheet.canvas.height / ratio;
    Object.assign(this.chart.style, { width: `${space}px`, height: `${height}px` });
    Object.assign(this.chart, { width: Math.round(space * ratio), height: Math.round(height * ratio) });
    this.draw();
  }

  dispose() {
    cancelAnimationFrame(this.frame);
  }
}

function markCross(context, [row, column], camera) {
  const [x, y] = [(column + 0.5) * camera.scale, (row + 0.5) * camera.scale];
  const size = 12 * camera.ratio;
  for (const [colour, width] of [["rgba(0, 0, 0, 0.8)", 5], ["#ffd23f", 2.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * camera.ratio;
    context.strokeRect(x - size / 2, y - size / 2, size, size);
  }
}
