// The graph as the painters see it, and what the reader set up.

const MEMORY = new Map(); // by view key; survives reruns and page changes
const OUTLINES = "outlines";
const HIDDEN = "hidden";
const PLAIN_NODE = ["#a8acb2", "#5d646e"]; // nodes without a style in the light and the dark theme, as in ui/components/graph_view/drawing.py

// The header with its arrays filled in, and what the painters ask of a graph.
function readGraph(header, decoded, view) {
  const theme = readTheme(view.root);
  const filled = (part) => part && { ...part, numbers: decoded[part.blob] };
  const positions = decoded[header.positions];
  const edges = decoded[header.edges];
  const graph = {
    ...header,
    positions,
    edges,
    theme,
    count: positions.length / 2,
    edgeCount: edges.length / 2,
    colourings: header.colourings.map(filled),
    shapes: filled(header.shapes),
    clusters: filled(header.clusters),
    values: header.values.map(filled),
    attributes: header.attributes && {
      names: header.attributes.names,
      nodes: decoded[header.attributes.nodes],
      numbers: decoded[header.attributes.numbers],
    },
    rim: theme.dark ? "rgba(222, 229, 240, 0.7)" : "rgba(40, 40, 48, 0.8)",
    sprites: view.sprites,
    scratch: view.scratch,
    zoom: () => view.memory.view.zoom,
    styleOf: (node) => nodeStyle(graph, node),
    // undefined: no hulls; null: plain outlines
    clusterLayer: () => {
      const chosen = view.memory.clusters;
      if (!graph.clusters || chosen === HIDDEN) return undefined;
      return graph.clusters.layers.find((layer) => layer.name === chosen) ?? null;
    },
  };
  graph.adjacency = adjacency(graph.count, edges, graph.edgeCount);
  return graph;
}

// {fill, shape} of a node under the chosen colouring.
function nodeStyle(graph, node) {
  const { colouring, shapes, theme } = graph;
  const own = colouring.kind === "styles" ? colouring.styles[colouring.numbers[node]] : null;
  const marked = shapes ? shapes.styles[shapes.numbers[node]] : own;
  const shape = SHAPE_OF_PATTERN[marked?.pattern ?? "none"];
  if (colouring.kind === "styles") return { shape, fill: own ? own.fill[theme.dark ? 1 : 0] : PLAIN_NODE[theme.dark ? 1 : 0] };
  const [red, green, blue] = colouring.numbers.subarray(3 * node, 3 * node + 3);
  return { shape, fill: `rgb(${red}, ${green}, ${blue})` };
}

function recall(header) {
  if (!MEMORY.has(header.key)) {
    MEMORY.set(header.key, {
      view: new View(header.width, header.height),
      colouring: header.colourings[0].name,
      clusters: header.clusters?.layers[0]?.name ?? OUTLINES,
    });
  }
  return MEMORY.get(header.key);
}
