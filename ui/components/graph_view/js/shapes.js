// Node shapes. A style's pattern decides the shape, so that states differ without colour and at three pixels.

const SHAPE_OF_PATTERN = { none: "disc", diagonal: "ringed", dots: "empty", cross: "cross", horizontal: "square" };

function circlePath(x, y, radius) {
  const path = new Path2D();
  path.arc(x, y, radius, 0, 2 * Math.PI);
  return path;
}

// Each painter fills with `fill` and keeps a rim, so that pale nodes stay visible on a pale page.
const SHAPE_PAINTERS = {
  disc(context, radius) {
    const path = circlePath(0, 0, radius);
    context.fill(path);
    context.stroke(path);
  },
  ringed(context, radius) {
    const core = circlePath(0, 0, radius * 0.55);
    context.fill(core);
    context.stroke(core);
    strokeTwice(context, circlePath(0, 0, radius * 1.05), radius * 0.28);
  },
  empty(context, radius) {
    strokeTwice(context, circlePath(0, 0, radius * 0.75), radius * 0.4);
  },
  cross(context, radius) {
    const path = new Path2D();
    const reach = radius * 0.85;
    path.moveTo(-reach, -reach);
    path.lineTo(reach, reach);
    path.moveTo(-reach, reach);
    path.lineTo(reach, -reach);
    strokeTwice(context, path, radius * 0.6);
  },
  square(context, radius) {
    const path = new Path2D();
    path.rect(-0.85 * radius, -0.85 * radius, 1.7 * radius, 1.7 * radius);
    context.fill(path);
    context.stroke(path);
  },
};

// A line in the fill colour between two thin rims.
function strokeTwice(context, path, thickness) {
  const rim = context.lineWidth;
  context.lineWidth = thickness + 2 * rim;
  context.stroke(path);
  context.lineWidth = thickness;
  context.strokeStyle = context.fillStyle;
  context.stroke(path);
}

// Pictures of nodes, made once per shape, colour and size (device pixels).
class SpriteBox {
  constructor() {
    this.sprites = new Map();
  }

  get(shape, fill, rim, radius) {
    const name = `${shape} ${fill} ${rim} ${radius}`;
    let sprite = this.sprites.get(name);
    if (!sprite) {
      if (this.sprites.size > 4000) this.sprites.clear();
      sprite = nodeSprite(shape, fill, rim, radius);
      this.sprites.set(name, sprite);
    }
    return sprite;
  }
}

function nodeSprite(shape, fill, rim, radius) {
  const half = Math.ceil(radius * 1.4) + 2;
  const canvas = makeCanvas(2 * half, 2 * half);
  const context = canvas.getContext("2d");
  context.translate(half, half);
  Object.assign(context, { fillStyle: fill, strokeStyle: rim, lineWidth: Math.max(0.75, radius * 0.12) });
  SHAPE_PAINTERS[shape](context, radius);
  return canvas;
}

function shapeSwatch(shape, fill, rim) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = nodeSprite(shape, fill, rim, 5.5 * ratio);
  canvas.style.width = `${canvas.width / ratio}px`;
  canvas.style.height = `${canvas.height / ratio}px`;
  return canvas;
}
