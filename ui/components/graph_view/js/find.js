// Finding nodes: by number, by part of a name, by part of an attribute.

const SHOWN = 8;

function nodeName(graph, node) {
  return graph.names ? graph.names[node] : `node ${node}`;
}

// Nodes that fit a text, the best first: [{node, why}]; `why` names the attribute that was found.
function matchingNodes(graph, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const found = new Map();
  const add = (node, why = "") => found.has(node) || found.set(node, { node, why });
  const number = /^\d+$/.test(wanted) ? Number(wanted) : -1;
  const names = graph.names ? graph.names.map((name) => name.toLowerCase()) : [];
  names.forEach((name, node) => name === wanted && add(node));
  if (number >= 0 && number < graph.count) add(number, graph.names ? `number ${number}` : "");
  names.forEach((name, node) => name.includes(wanted) && add(node));
  for (const [node, why] of nodesWith(graph.attributes, wanted)) add(node, why);
  return [...found.values()];
}

function nodesWith(attributes, wanted) {
  if (!attributes) return [];
  const fitting = new Set();
  attributes.names.forEach((name, number) => name.toLowerCase().includes(wanted) && fitting.add(number));
  const nodes = new Map();
  if (fitting.size) {
    attributes.numbers.forEach((number, place) => {
      const node = attributes.nodes[place];
      if (fitting.has(number) && !nodes.has(node)) nodes.set(node, attributes.names[number]);
    });
  }
  return nodes;
}

// The search box with its list of matches; `choose` is called with a node.
function searchBox(view, choose) {
  const input = element("input", {
    class: "tool search",
    type: "text",
    placeholder: "find node",
    "aria-label": "Find node by number, name or attribute",
    autocomplete: "off",
  });
  const entries = element("ul");
  const list = element("div", { class: "matches", hidden: true, role: "status" }, entries);
  let matches = [];
  const close = () => (list.hidden = true);
  const pick = (node) => {
    close();
    choose(node);
  };
  const show = () => {
    matches = matchingNodes(view.graph, input.value);
    const items = matches.slice(0, SHOWN).map(({ node, why }) => {
      const words = why ? `${nodeName(view.graph, node)} (${why})` : nodeName(view.graph, node);
      // a press takes the focus from the field, which would close the list before the click
      const button = element("button", { type: "button", onclick: () => pick(node), onmousedown: (event) => event.preventDefault() }, words);
      return element("li", {}, button);
    });
    if (matches.length > SHOWN) items.push(element("li", { class: "more" }, `and ${(matches.length - SHOWN).toLocaleString("en")} more`));
    if (!matches.length) items.push(element("li", { class: "more" }, "nothing found"));
    entries.replaceChildren(...items);
    list.hidden = !input.value.trim();
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", () => input.value.trim() && show());
  input.addEventListener("blur", (event) => list.contains(event.relatedTarget) || !matches.length || close());
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key !== "Enter") return;
    show();
    if (matches.length) pick(matches[0].node);
  });
  return element("span", { class: "finder" }, input, list);
}
