// Zoom and pan shared by several canvases, and the pointer, wheel and touch gestures that drive them.

const MAX_ZOOM = 64;
const ZOOM_STEP = 1.4;
const CLICK_TOLERANCE = 5; // CSS pixels a pointer may wander and still click

// A canvas that the browser has not laid out (or has taken away) has no size: dividing by it would leave the view at
// no place at all, for good.
const laidOut = (canvas) => canvas.width > 0 && canvas.height > 0;

// What part of a width x height content is shown: the point in the middle and the zoom (1 fits the content).
class View {
  constructor(width, height) {
    Object.assign(this, { width, height });
    this.reset();
  }

  reset() {
    Object.assign(this, { zoom: 1, x: this.width / 2, y: this.height / 2 });
  }

  // New content keeps the zoom and the relative position.
  resize(width, height) {
    this.x *= width / this.width;
    this.y *= height / this.height;
    Object.assign(this, { width, height });
  }

  // Screen = content * scale + (left, top), in CSS pixels of a canvas of the given size.
  camera(canvas) {
    const scale = Math.min(canvas.width / this.width, canvas.height / this.height) * this.zoom;
    return { scale, left: canvas.width / 2 - this.x * scale, top: canvas.height / 2 - this.y * scale };
  }

  toContent(canvas, x, y) {
    const { scale, left, top } = this.camera(canvas);
    return [(x - left) / scale, (y - top) / scale];
  }

  zoomBy(factor, canvas, x = canvas.width / 2, y = canvas.height / 2) {
    if (!laidOut(canvas)) return;
    const [pinnedX, pinnedY] = this.toContent(canvas, x, y);
    this.zoom = Math.min(MAX_ZOOM, Math.max(1, this.zoom * factor));
    const { scale } = this.camera(canvas);
    this.x = pinnedX + (canvas.width / 2 - x) / scale;
    this.y = pinnedY + (canvas.height / 2 - y) / scale;
    this.clamp(canvas);
  }

  panBy(dx, dy, canvas) {
    if (!laidOut(canvas)) return;
    const { scale } = this.camera(canvas);
    this.x -= dx / scale;
    this.y -= dy / scale;
    this.clamp(canvas);
  }

  // Pan just far enough that a content point is visible.
  reveal(x, y, canvas) {
    if (!laidOut(canvas)) return;
    const { scale } = this.camera(canvas);
    const [halfX, halfY] = [canvas.width / 2 / scale, canvas.height / 2 / scale];
    this.x = Math.min(x + 0.9 * halfX, Math.max(x - 0.9 * halfX, this.x));
    this.y = Math.min(y + 0.9 * halfY, Math.max(y - 0.9 * halfY, this.y));
    this.clamp(canvas);
  }

  clamp(canvas) {
    if (!laidOut(canvas)) return;
    const { scale } = this.camera(canvas);
    const keep = (value, length, visible) =>
      visible >= length ? length / 2 : Math.min(length - visible / 2, Math.max(visible / 2, value));
    this.x = keep(this.x, this.width, canvas.width / scale);
    this.y = keep(this.y, this.height, canvas.height / scale);
  }
}

// Pointer, touch and wheel on `target`. `actions`: view() -> View, changed(), hover(x, y), leave(), click(x, y);
// positions are CSS pixels relative to the target.
function attachGestures(target, actions) {
  const pointers = new Map();
  let wandered = 0;
  let armed = false; // the wheel zooms only after the pointer moved here, so scrolling past does not zoom
  const place = (event) => {
    const box = target.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const size = () => target.getBoundingClientRect();
  const release = (event) => pointers.delete(event.pointerId);

  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    target.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event));
    if (pointers.size === 1) wandered = 0;
  });
  target.addEventListener("pointermove", (event) => {
    armed ||= Boolean(event.movementX || event.movementY);
    const now = place(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      actions.hover(...now);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    wandered += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (other) pinch(before, now, other);
    else if (wandered > CLICK_TOLERANCE) {
      actions.view().panBy(now[0] - before[0], now[1] - before[1], size());
      actions.changed();
    }
  });
  const pinch = (before, now, other) => {
    wandered = Infinity;
    const reach = (point) => Math.max(10, Math.hypot(point[0] - other[0], point[1] - other[1]));
    const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
    actions.view().panBy((now[0] - before[0]) / 2, (now[1] - before[1]) / 2, size());
    actions.view().zoomBy(reach(now) / reach(before), size(), ...middle);
    actions.changed();
  };
  target.addEventListener("pointerup", (event) => {
    if (pointers.has(event.pointerId) && pointers.size === 1 && wandered <= CLICK_TOLERANCE) {
      actions.click(...place(event));
    }
    release(event);
  });
  target.addEventListener("pointercancel", release);
  target.addEventListener("pointerleave", () => {
    armed = false;
    if (!pointers.size) actions.leave();
  });
  target.addEventListener(
    "wheel",
    (event) => {
      const outwards = event.deltaY > 0;
      if ((!armed && !event.ctrlKey) || (outwards && actions.view().zoom <= 1)) return;
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 30 : 1;
      const amount = Math.min(200, Math.abs(event.deltaY * lines));
      actions.view().zoomBy(Math.exp((outwards ? -1 : 1) * amount * 0.003), size(), ...place(event));
      actions.changed();
    },
    { passive: false },
  );
}

// Zoom keys: +, - and 0. Returns whether the key was one of them.
function zoomKey(event, view, canvas) {
  if (event.key === "+" || event.key === "=") view.zoomBy(ZOOM_STEP, canvas);
  else if (event.key === "-" || event.key === "_") view.zoomBy(1 / ZOOM_STEP, canvas);
  else if (event.key === "0") view.reset();
  else return false;
  return true;
}
