// A graph on a sheet: edges, then nodes in the shape of their style, then rings.

function paintGraph(context, stage, camera, styleOf, ringed = new Set()) {
  const { scene, decoded } = stage;
  const points = decoded[scene.points];
  const edges = decoded[scene.edges];
  const count = points.length / 2;
  const half = edges.length / 2;
  const at = (node) => [points[2 * node] * camera.scale, points[2 * node + 1] * camera.scale];
  context.strokeStyle = scene.theme.dark ? "rgba(255, 255, 255, 0.16)" : "rgba(0, 0, 0, 0.14)";
  context.lineWidth = 0.8 * camera.ratio;
  context.beginPath();
  for (let edge = 0; edge < half; edge++) {
    context.moveTo(...at(edges[edge]));
    context.lineTo(...at(edges[half + edge]));
  }
  context.stroke();
  const size = Math.max(2.6 * camera.ratio, Math.min(7 * camera.ratio, (0.32 * context.canvas.width) / Math.sqrt(count) / 2));
  for (let node = 0; node < count; node++) paintNode(context, styleOf(node), ...at(node), size, camera.ratio, scene.theme);
  context.strokeStyle = "#ffd23f";
  context.lineWidth = 3 * camera.ratio;
  for (const node of ringed) {
    context.beginPath();
    context.arc(...at(node), size + 3 * camera.ratio, 0, 2 * Math.PI);
    context.stroke();
  }
}

// As in the graph view: disc; disc with a ring; open circle; cross; square.
function paintNode(context, style, x, y, size, ratio, theme) {
  context.fillStyle = context.strokeStyle = style?.fill ?? theme.border;
  context.lineWidth = 1.6 * ratio;
  context.beginPath();
  if (style?.pattern === "cross") {
    context.moveTo(x - size, y - size);
    context.lineTo(x + size, y + size);
    context.moveTo(x - size, y + size);
    context.lineTo(x + size, y - size);
    context.lineWidth = 2.6 * ratio;
    context.stroke();
    return;
  }
  if (style?.pattern === "horizontal") context.rect(x - size, y - size, 2 * size, 2 * size);
  else context.arc(x, y, style?.pattern === "diagonal" ? 0.65 * size : size, 0, 2 * Math.PI);
  if (style?.pattern === "dots") {
    context.strokeStyle = theme.dark ? "#b0a890" : "#8b7f5f";
    context.stroke();
    return;
  }
  context.fill();
  if (style?.pattern === "diagonal") {
    context.beginPath();
    context.arc(x, y, 1.1 * size, 0, 2 * Math.PI);
    context.stroke();
  }
}
