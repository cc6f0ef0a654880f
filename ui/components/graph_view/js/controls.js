// Tool bar and legend of the graph view.

function chooser(label, names, chosen, action) {
  const options = names.map((name) => element("option", { value: name, selected: name === chosen }, name));
  const select = element("select", { "aria-label": label, class: "tool" }, ...options);
  select.addEventListener("change", () => action(select.value));
  return element("label", { class: "check" }, label, select);
}

function buildBar(view) {
  const { graph, memory } = view;
  const zoom = (factor) => () => view.zoomBy(factor);
  const search = searchBox(view, (node) => view.reveal(node));
  const colourings = graph.colourings.map((colouring) => colouring.name);
  const choosers = colourings.length > 1 ? [chooser("Colour", colourings, memory.colouring, (name) => view.choose({ colouring: name }))] : [];
  if (graph.clusters) {
    const names = [...graph.clusters.layers.map((layer) => layer.name), OUTLINES, HIDDEN];
    choosers.push(chooser("Clusters", names, memory.clusters, (name) => view.choose({ clusters: name })));
  }
  view.bar.replaceChildren(
    toolButton("Zoom out", "−", zoom(1 / ZOOM_STEP)),
    view.zoomText,
    toolButton("Zoom in", "+", zoom(ZOOM_STEP)),
    toolButton("Fit: show everything", "Fit", () => view.showAll()),
    ...choosers,
    search,
    toolButton("Save as PNG", "PNG", () => view.export()),
  );
}

// Colours are explained with the shape they are drawn in; shapes of their own follow after the colours.
function graphLegend(graph) {
  const { colouring, shapes, theme, rim } = graph;
  const items = [];
  if (colouring.scale) items.push(scaleItem(colouring.scale));
  if (colouring.kind === "styles") {
    const plain = shapes && shapes.name !== colouring.name;
    for (const number of colouring.present) {
      const style = themedStyle(colouring.styles[number], theme);
      const shape = plain ? "disc" : SHAPE_OF_PATTERN[style.pattern];
      items.push(element("li", {}, shapeSwatch(shape, style.fill, rim), style.name));
    }
    if (colouring.rest) items.push(element("li", {}, shapeSwatch("disc", PLAIN_NODE[theme.dark ? 1 : 0], rim), colouring.rest));
  }
  if (shapes && shapes.name !== colouring.name) {
    for (const number of shapes.present) {
      const { name, pattern } = shapes.styles[number];
      items.push(element("li", {}, shapeSwatch(SHAPE_OF_PATTERN[pattern], theme.dark ? "#9aa3b2" : "#7c8493", rim), name));
    }
  }
  const layer = graph.clusterLayer();
  if (layer?.scale) items.push(scaleItem({ ...layer.scale, name: `clusters: ${layer.scale.name}` }));
  return items;
}
