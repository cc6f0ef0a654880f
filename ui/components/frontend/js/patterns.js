// Line and dot patterns, drawn at the screen's own resolution so that they stay crisp at every zoom.

const TILE = 8; // CSS pixels

function patternTile(name, ink, ratio) {
  const size = Math.round(TILE * ratio);
  const tile = makeCanvas(size, size);
  const context = tile.getContext("2d");
  context.scale(size / TILE, size / TILE);
  context.strokeStyle = context.fillStyle = ink;
  context.lineWidth = 1.4;
  context.beginPath();
  if (name === "diagonal" || name === "cross") {
    for (const shift of [-TILE, 0, TILE]) {
      context.moveTo(shift - 1, TILE + 1);
      context.lineTo(shift + TILE + 1, -1);
    }
  }
  if (name === "cross") {
    for (const shift of [-TILE, 0, TILE]) {
      context.moveTo(shift - 1, -1);
      context.lineTo(shift + TILE + 1, TILE + 1);
    }
  }
  if (name === "horizontal") {
    context.moveTo(0, TILE / 4);
    context.lineTo(TILE, TILE / 4);
    context.moveTo(0, (3 * TILE) / 4);
    context.lineTo(TILE, (3 * TILE) / 4);
  }
  context.stroke();
  if (name === "dots") {
    for (const [x, y] of [[2, 2], [6, 6]]) {
      context.beginPath();
      context.arc(x, y, 0.9, 0, 2 * Math.PI);
      context.fill();
    }
  }
  return tile;
}

// Paint `style` (themed) over a rectangle; `ratio` is device pixels per CSS pixel.
function fillWith(context, style, x, y, width, height, ratio) {
  context.fillStyle = style.fill;
  context.fillRect(x, y, width, height);
  if (style.pattern !== "none") {
    context.fillStyle = context.createPattern(patternTile(style.pattern, style.ink, ratio), "repeat");
    context.fillRect(x, y, width, height);
  }
}

function legendSwatch(style, width = 22, height = 14) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = makeCanvas(Math.round(width * ratio), Math.round(height * ratio));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.className = "swatch";
  fillWith(canvas.getContext("2d"), style, 0, 0, canvas.width, canvas.height, ratio);
  return canvas;
}
