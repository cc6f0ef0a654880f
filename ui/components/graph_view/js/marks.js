// Marks over the still picture: the node pointed at, the selected node with its neighbours, the tooltip.

// Neighbour lists from an edge list: {starts, others}.
function adjacency(count, edges, edgeCount) {
  const starts = new Int32Array(count + 1);
  for (let index = 0; index < 2 * edgeCount; index++) starts[edges[index] + 1]++;
  for (let node = 0; node < count; node++) starts[node + 1] += starts[node];
  const others = new Int32Array(2 * edgeCount);
  const next = starts.slice(0, count);
  for (let edge = 0; edge < edgeCount; edge++) {
    const [one, two] = [edges[edge], edges[edgeCount + edge]];
    others[next[one]++] = two;
    others[next[two]++] = one;
  }
  return { starts, others };
}

function neighbours(graph, node) {
  const { starts, others } = graph.adjacency;
  return others.subarray(starts[node], starts[node + 1]);
}

function markSelected(context, graph, camera, node) {
  const around = neighbours(graph, node);
  context.save();
  context.globalAlpha = 0.62;
  context.fillStyle = graph.theme.background;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.globalAlpha = 1;
  context.strokeStyle = graph.theme.primary;
  context.lineWidth = 1.6 * camera.ratio;
  const [x, y] = nodePlace(graph, camera, node);
  context.beginPath();
  for (const other of around) {
    context.moveTo(x, y);
    context.lineTo(...nodePlace(graph, camera, other));
  }
  context.stroke();
  const radius = nodeRadius(graph, camera);
  for (const other of around) paintNode(context, graph, camera, other, radius);
  paintNode(context, graph, camera, node, Math.round(radius * 1.3));
  ringAround(context, graph, camera, node, graph.theme.primary);
  context.restore();
}

function ringAround(context, graph, camera, node, colour) {
  const radius = nodeRadius(graph, camera) * 1.4 + 3 * camera.ratio;
  const path = circlePath(...nodePlace(graph, camera, node), radius);
  for (const [style, width] of [[graph.theme.background, 5], [colour, 2.5]]) {
    context.strokeStyle = style;
    context.lineWidth = width * camera.ratio;
    context.stroke(path);
  }
}

// [name, text] pairs of everything known about a node.
function nodeFacts(graph, node) {
  const facts = [["node", graph.names ? graph.names[node] : String(node)]];
  if (graph.clusters) facts.push(["cluster", String(graph.clusters.numbers[node])]);
  facts.push(["neighbours", String(neighbours(graph, node).length)]);
  for (const values of graph.values) facts.push([values.name, valueText(values, values.numbers[node])]);
  return facts;
}

// Puts the tooltip beside its node and inside the picture.
function placeTip(tip, [x, y], size) {
  const gap = 14;
  const left = x + gap + tip.offsetWidth > size.width ? x - gap - tip.offsetWidth : x + gap;
  const top = Math.min(size.height - tip.offsetHeight - 4, Math.max(4, y - tip.offsetHeight / 2));
  tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
}

// The node nearest to a point (content units) within `reach`, or null.
function nodeNear(graph, x, y, reach) {
  let [best, nearest] = [null, reach * reach];
  for (let node = 0; node < graph.count; node++) {
    const distance = (graph.positions[2 * node] - x) ** 2 + (graph.positions[2 * node + 1] - y) ** 2;
    if (distance <= nearest) [best, nearest] = [node, distance];
  }
  return best;
}

// The next node from `node` in a direction (right, down): near, and not far off the direction.
function nodeBeyond(graph, node, right, down) {
  let [best, cost] = [node, Infinity];
  for (let other = 0; other < graph.count; other++) {
    const dx = graph.positions[2 * other] - graph.positions[2 * node];
    const dy = graph.positions[2 * other + 1] - graph.positions[2 * node + 1];
    const along = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (along > 0 && aside <= 2 * along && along + 2 * aside < cost) [best, cost] = [other, along + 2 * aside];
  }
  return best;
}
