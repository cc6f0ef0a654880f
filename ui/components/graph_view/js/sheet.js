// The still part of the picture (hulls, edges, nodes), drawn once into a sheet larger than the window and
// then only moved while panning, or stretched for a moment while zooming.

const SHEET_MARGIN = 0.3; // of the window, on each side
const EDGES_PER_STROKE = 400; // short paths rasterise faster than one long one

class Sheet {
  constructor() {
    this.canvas = makeCanvas(1, 1);
    this.camera = null;
  }

  render(graph, camera, window) {
    const [marginX, marginY] = [window.width, window.height].map((side) => Math.round(side * SHEET_MARGIN));
    const [width, height] = [window.width + 2 * marginX, window.height + 2 * marginY];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.camera = { ...camera, left: camera.left + marginX, top: camera.top + marginY };
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    paintGraph(context, graph, this.camera);
  }

  // Where the sheet lies in the window: [x, y, stretch].
  place(camera) {
    const stretch = camera.scale / this.camera.scale;
    return [camera.left - this.camera.left * stretch, camera.top - this.camera.top * stretch, stretch];
  }

  covers(camera, window) {
    const [x, y, stretch] = this.place(camera);
    const right = x + this.canvas.width * stretch;
    const bottom = y + this.canvas.height * stretch;
    return x <= 0 && y <= 0 && right >= window.width && bottom >= window.height;
  }

  blit(context, camera) {
    const [x, y, stretch] = this.place(camera);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.drawImage(this.canvas, x, y, this.canvas.width * stretch, this.canvas.height * stretch);
  }
}

function paintGraph(context, graph, camera) {
  if (graph.clusters) paintHulls(context, graph, camera);
  paintEdges(context, graph, camera);
  const radius = nodeRadius(graph, camera);
  for (let node = 0; node < graph.count; node++) paintNode(context, graph, camera, node, radius);
  if (graph.clusters) {
    paintClusterLinks(context, graph, camera);
    paintClusterLabels(context, graph, camera);
  }
}

function nodePlace(graph, camera, node) {
  return [
    graph.positions[2 * node] * camera.scale + camera.left,
    graph.positions[2 * node + 1] * camera.scale + camera.top,
  ];
}

// Device pixels; smaller in a small picture, and growing slowly with the zoom, so that dense places open up.
function nodeRadius(graph, camera) {
  const zoom = graph.zoom();
  const room = Math.min(1, Math.max(0.55, (1.6 * camera.scale) / camera.ratio / zoom));
  const fitted = room * Math.min(7.5, Math.max(2.8, 1.4 + 90 / Math.sqrt(graph.count)));
  return Math.round(4 * Math.min(14, fitted * zoom ** 0.45) * camera.ratio) / 4;
}

function paintEdges(context, graph, camera) {
  const { width, height } = context.canvas;
  context.strokeStyle = graph.theme.dark ? "rgba(190, 200, 215, 0.28)" : "rgba(60, 70, 90, 0.24)";
  context.lineWidth = 0.9 * camera.ratio;
  let drawn = 0;
  context.beginPath();
  for (let edge = 0; edge < graph.edgeCount; edge++) {
    const [x, y] = nodePlace(graph, camera, graph.edges[edge]);
    const [endX, endY] = nodePlace(graph, camera, graph.edges[graph.edgeCount + edge]);
    const outside =
      Math.max(x, endX) < 0 || Math.min(x, endX) > width || Math.max(y, endY) < 0 || Math.min(y, endY) > height;
    if (outside) continue;
    context.moveTo(x, y);
    context.lineTo(endX, endY);
    if (++drawn % EDGES_PER_STROKE === 0) {
      context.stroke();
      context.beginPath();
    }
  }
  context.stroke();
}

function paintNode(context, graph, camera, node, radius) {
  const [x, y] = nodePlace(graph, camera, node);
  if (x < -20 || y < -20 || x > context.canvas.width + 20 || y > context.canvas.height + 20) return;
  const { fill, shape } = graph.styleOf(node);
  const sprite = graph.sprites.get(shape, fill, graph.rim, radius);
  context.drawImage(sprite, x - sprite.width / 2, y - sprite.height / 2);
}

function hullPath(corners, camera) {
  const path = new Path2D();
  corners.forEach(([x, y], index) => {
    const place = [x * camera.scale + camera.left, y * camera.scale + camera.top];
    if (index) path.lineTo(...place);
    else path.moveTo(...place);
  });
  path.closePath();
  return path;
}

// A broad round stroke lets the hull stand off its nodes and gives a single node a disc.
function paintHulls(context, graph, camera) {
  const layer = graph.clusterLayer();
  if (layer === undefined) return;
  context.save();
  context.lineJoin = context.lineCap = "round";
  graph.clusters.hulls.forEach((corners, cluster) => {
    if (!corners.length) return;
    const path = hullPath(corners, camera);
    const [red, green, blue, alpha] = layer ? layer.colours[cluster] : [128, 128, 140, 26];
    const sheet = graph.scratch(context.canvas.width, context.canvas.height);
    const shape = sheet.getContext("2d");
    Object.assign(shape, { lineJoin: "round", lineCap: "round", fillStyle: "#000", strokeStyle: "#000" });
    shape.clearRect(0, 0, sheet.width, sheet.height);
    shape.globalCompositeOperation = "source-over";
    shape.lineWidth = 27 * camera.ratio;
    shape.strokeStyle = shape.fillStyle = graph.theme.dark ? "#8b93a3" : "#7c8493";
    shape.stroke(path);
    shape.fill(path);
    shape.globalCompositeOperation = "destination-out";
    shape.lineWidth = 24 * camera.ratio;
    shape.stroke(path);
    shape.fill(path);
    context.globalAlpha = 0.8;
    context.drawImage(sheet, 0, 0);
    shape.clearRect(0, 0, sheet.width, sheet.height);
    shape.globalCompositeOperation = "source-over";
    shape.strokeStyle = shape.fillStyle = `rgb(${red}, ${green}, ${blue})`;
    shape.stroke(path);
    shape.fill(path);
    context.globalAlpha = (layer ? 0.7 : 1) * (alpha / 255);
    context.drawImage(sheet, 0, 0);
  });
  context.restore();
}

// Lines between the middles of clusters, as broad as their weights say, with a text halfway.
function paintClusterLinks(context, graph, camera) {
  const links = graph.clusterLayer()?.links ?? [];
  const place = ([x, y]) => [x * camera.scale + camera.left, y * camera.scale + camera.top];
  context.save();
  context.lineCap = "round";
  context.font = `600 ${13 * camera.ratio}px ${graph.theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const drawn = links
    .map(([one, other, weight, text]) => [graph.clusters.centres[one], graph.clusters.centres[other], weight, text])
    .filter(([from, to]) => from.length && to.length)
    .map(([from, to, weight, text]) => [place(from), place(to), weight, text]);
  for (const [from, to, weight] of drawn) {
    for (const [style, wider] of [[graph.theme.background, 3], [graph.theme.primary, 0]]) {
      context.strokeStyle = style;
      context.lineWidth = (2 + 8 * weight + wider) * camera.ratio;
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
    }
  }
  for (const [[x, y], [endX, endY], , text] of drawn) haloText(context, text, (x + endX) / 2, (y + endY) / 2, camera.ratio);
  context.restore();
}

function paintClusterLabels(context, graph, camera) {
  const layer = graph.clusterLayer();
  if (layer === undefined) return;
  context.font = `600 ${13 * camera.ratio}px ${graph.theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  graph.clusters.centres.forEach((centre, cluster) => {
    const text = layer?.labels ? layer.labels[cluster] : `cluster ${cluster}`;
    if (!centre.length || !text) return;
    const [x, y] = [centre[0] * camera.scale + camera.left, centre[1] * camera.scale + camera.top];
    haloText(context, text, x, y, camera.ratio);
  });
}
