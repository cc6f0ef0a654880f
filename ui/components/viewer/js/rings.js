// Handles of a region layer: one per ring around the picked region. Dragging up or down, the arrow keys, + and - change
// the level of the ring; colours and labels follow at once, Python hears of it when the handle is let go.

const RING_TRAVEL = 220; // CSS pixels from the lowest to the highest level
const RING_PAUSE = 700; // milliseconds after the last key until the level is sent

class RingHandles {
  constructor(panel) {
    this.panel = panel;
    this.handles = [];
  }

  // The layer with rings, if it can be seen.
  get layer() {
    return this.panel.model.layers.find((layer) => layer.rings && layer.state.visible && layer.state.opacity > 0);
  }

  // Reuses handles of the same rings, so that one under a finger or with the focus survives an update.
  build() {
    const rings = this.layer?.rings;
    const count = rings ? Math.max(...rings.distances) + 1 : 0;
    const stamp = rings ? `${rings.group}/${count}` : "";
    if (stamp !== this.stamp) {
      this.stamp = stamp;
      this.handles.forEach((handle) => handle.node.remove());
      this.handles = Array.from({ length: count }, (_, ring) => new RingHandle(this.panel, ring));
      this.panel.stage.append(...this.handles.map((handle) => handle.node));
    }
    this.handles.forEach((handle) => handle.adopt());
  }

  place(camera) {
    this.handles.forEach((handle) => handle.place(camera));
  }
}

class RingHandle {
  constructor(panel, ring) {
    Object.assign(this, { panel, ring, level: 0, drag: null });
    this.node = element("div", { class: "ring", role: "slider", tabindex: "0" });
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.node.addEventListener(kind, (event) => {
        event.stopPropagation(); // the picture below would pan
        this[kind](event);
      });
    }
    this.node.addEventListener("wheel", (event) => event.stopPropagation());
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.node.addEventListener("blur", () => this.send());
  }

  get layer() {
    return this.panel.rings.layer;
  }

  get members() {
    const { distances } = this.layer.rings;
    return distances.flatMap((distance, region) => (distance === this.ring ? [region] : []));
  }

  // Levels from Python; what is being changed right now stays.
  adopt() {
    const { rings } = this.layer;
    if (this.drag || this.pending) return this.preview();
    const known = this.members.map((region) => rings.levels[region]).filter((level) => level !== null);
    this.blank = known.length === 0;
    this.level = this.blank ? rings.high : known.reduce((sum, level) => sum + level, 0) / known.length;
    this.sent = this.blank ? null : this.level;
    this.describe();
  }

  describe() {
    const { low, high, group } = this.layer.rings;
    const text = this.blank ? "blank" : this.level.toFixed(2);
    const place = this.ring === 0 ? `in region ${group}` : `at distance ${this.ring} from region ${group}`;
    this.node.textContent = `⇕ ${text}`;
    for (const [name, value] of Object.entries({
      label: `Noise level ${place}`, valuemin: low, valuemax: high, valuenow: this.level.toFixed(3), valuetext: text,
    })) {
      this.node.setAttribute(`aria-${name}`, value);
    }
    this.node.title = `Noise level ${place}: drag up or down, or use the arrow keys`;
  }

  // In the member nearest to straight above the picked region.
  place(camera) {
    const { scene } = this.panel.viewer;
    const middle = (region) => {
      const [x, y, width, height] = regionBox(scene.regions.rectangles[region], camera);
      return [(x + width / 2) / camera.ratio, (y + height / 2) / camera.ratio];
    };
    const [column] = middle(this.layer.rings.group);
    const [x, y] = this.members.map(middle).sort((a, b) => Math.abs(a[0] - column) - Math.abs(b[0] - column) || a[1] - b[1])[0];
    const { width, height } = this.panel.size;
    this.node.hidden = x < 0 || y < 0 || x > width || y > height;
    this.node.style.left = `${x}px`;
    this.node.style.top = `${y}px`;
  }

  pointerdown(event) {
    if (event.button !== 0) return;
    this.node.setPointerCapture(event.pointerId);
    this.drag = { y: event.clientY, level: this.level, blank: this.blank };
    this.node.focus({ preventScroll: true });
    event.preventDefault();
  }

  pointermove(event) {
    if (!this.drag) return;
    const { low, high } = this.layer.rings;
    const moved = this.drag.y - event.clientY;
    if (Math.abs(moved) > 2) this.set(this.drag.level + (moved * (high - low)) / RING_TRAVEL);
  }

  pointerup() {
    if (!this.drag) return;
    this.drag = null;
    this.send();
  }

  // The browser took the pointer away, or Escape: back to where the drag began.
  pointercancel() {
    if (!this.drag) return;
    Object.assign(this, { level: this.drag.level, blank: this.drag.blank, drag: null, pending: false });
    this.panel.viewer.previewRings(null);
    this.describe();
  }

  key(event) {
    const { low, high, step } = this.layer.rings;
    const change = {
      ArrowUp: step, ArrowRight: step, "+": step, "=": step, PageUp: 10 * step,
      ArrowDown: -step, ArrowLeft: -step, "-": -step, "_": -step, PageDown: -10 * step,
    }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab") return;
    event.stopPropagation(); // the picture below has other meanings for these keys
    if (event.key === "Escape") this.pointercancel();
    else if (event.key === "Enter") this.send();
    else if (event.key === "Home") this.set(low);
    else if (event.key === "End") this.set(high);
    else if (change) this.set(this.level + change);
    else return;
    event.preventDefault();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.drag || this.send(), RING_PAUSE);
  }

  set(level) {
    const { low, high, step } = this.layer.rings;
    this.level = Math.min(high, Math.max(low, Math.round(level / step) * step));
    Object.assign(this, { blank: false, pending: true });
    this.describe();
    this.preview();
  }

  preview() {
    this.panel.viewer.previewRings({ layer: this.layer, members: this.members, level: this.level });
  }

  send() {
    clearTimeout(this.timer);
    if (!this.pending || !this.layer) return;
    this.pending = false;
    if (this.sent !== null && Math.abs(this.sent - this.level) < 1e-9) return;
    this.sent = this.level;
    const { group } = this.layer.rings;
    const level = Number(this.level.toFixed(3));
    this.panel.viewer.trigger("ring", { group, ring: this.ring, level, all: this.panel.viewer.memory.everyGroup });
  }
}

// Colour of a level on a scale whose ends are `range`, as [red, green, blue, 255].
function scaleColour(scale, [low, high], level) {
  const share = Math.min(1, Math.max(0, (level - low) / (high - low))) * (scale.colours.length - 1);
  const first = Math.min(scale.colours.length - 2, Math.floor(share));
  const [from, to] = [parseColour(scale.colours[first]), parseColour(scale.colours[first + 1])];
  return [...from.map((value, index) => Math.round(value + (share - first) * (to[index] - value))), 255];
}
