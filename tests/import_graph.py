"""Who imports whom, read from the files: deferred imports and those for types alone count like any other."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, set[str]]

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("lrscore", "models", "jobs", "ui", "benchmarks")


def source_files(*below: str) -> dict[str, Path]:
    """Modules below these folders of the project by dotted name."""
    found = {}
    for path in (path for folder in below for path in (ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(text: str) -> Iterator[tuple[str, str]]:
    """Every import of a source text as (module, name taken from it or nothing)."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def import_graph(texts: Mapping[str, str]) -> Graph:
    """Arrows between modules given by their source texts; `from package import module` is an arrow to the module."""
    graph: dict[str, set[str]] = {}
    for module, text in texts.items():
        pairs = ((f"{place}.{name}", place) for place, name in imported(text))
        ends = (whole if whole in texts else place for whole, place in pairs)
        graph[module] = {end for end in ends if end in texts and end != module}
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Modules that import each other in a loop, by Tarjan's strongly connected components."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for end in sorted(graph[module]):
            if end not in index:
                visit(end)
            if end in stack:
                low[module] = min(low[module], low[end])
        if low[module] == index[module]:
            component = [stack.pop()]
            while component[-1] != module:
                component.append(stack.pop())
            if len(component) > 1:
                found.append(sorted(component))

    for module in sorted(graph):
        if module not in index:
            visit(module)
    return found


def room(module: str) -> str:
    """The file or folder right below the package that a module belongs to; the package itself has none."""
    return module.split(".")[1] if "." in module else ""


def upward(graph: Graph, package: str, floors: Iterable[set[str]]) -> list[str]:
    """Imports from a room on a lower floor to one on a higher, and rooms that stand on none."""
    height = {name: number for number, floor in enumerate(floors) for name in floor}
    inside = {module: ends for module, ends in graph.items() if module.startswith(f"{package}.")}
    wrong = [f"{module} stands on no floor" for module in inside if room(module) not in height]
    for module, ends in inside.items():
        for end in ends & inside.keys():
            here, there = height.get(room(module), 0), height.get(room(end), 0)
            if there > here or (there == here and room(module) != room(end)):
                wrong.append(f"{module} imports {end}")
    return wrong


def across(graph: Graph, one: str, other: str) -> list[str]:
    """Imports between two rooms of one package, either way."""
    return [
        f"{module} imports {end}"
        for module, ends in graph.items()
        for end in ends
        if module.split(".")[0] == end.split(".")[0] and {room(module), room(end)} == {one, other}
    ]
