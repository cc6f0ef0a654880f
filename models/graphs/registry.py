"""Graphs and graph models by name."""

from __future__ import annotations

import os
from pathlib import Path

from torch import nn
from torch_geometric.data import Data

from lrscore.errors import InputError
from models.dressing import parted
from models.graphs.attributed import AttributedGraph
from models.graphs.checkpoint import load_graph_network
from models.graphs.described import is_own, load_own
from models.graphs.download import DOWNLOADS, download_graph
from models.graphs.graphml import read_graphml
from models.graphs.sparse_graph import read_sparse_graph

HERE = Path(__file__).parent
BUNDLED = {"village": "An invented village: friendships, habits, clubs"}
READERS = {".npz": read_sparse_graph, ".graphml": read_graphml, ".xml": read_graphml}
"""How graph files end, in any case, and what reads them."""
_DATA_SETS = {"citeseer": "CiteSeer", "cora_ml": "Cora-ML"}


def bundled_certificate(name: str) -> Path:
    """The stored certificate of a bundled graph (made by `models.graphs.certify_bundled`)."""
    return HERE / "bundled" / f"{name}.nc"


def available_graphs() -> tuple[str, ...]:
    """Names that `load_graph` takes: bundled, in `LRS_DATA_ROOT/graphs`, downloadable."""
    return (*BUNDLED, *_found_data_sets(), *DOWNLOADS)


def available_models() -> tuple[str, ...]:
    """Names that `load_graph_model` takes, `<graph>-<network>`."""
    return tuple(sorted(path.stem for path in (HERE / "checkpoints").glob("*.safetensors")))


def load_graph(source: str) -> Data:
    """A graph by name, or the `.npz` or `.graphml` file at a path.

    Named data sets are cut to their largest connected component; all graphs are made undirected, without self-loops,
    with binary attributes, and split (20 nodes per class for training, 20 for validation, seed 0).

    Returns:
        Torch-geometric data with the fields of `AttributedGraph.to_data`.

    Raises:
        InputError: no such name or file, or a file that is no usable graph.
    """
    return read_graph(source).undirected().to_data()


def read_graph(source: str) -> AttributedGraph:
    """Like `load_graph`, before the last two steps."""
    if source in BUNDLED:
        return read_sparse_graph(HERE / "bundled" / f"{source}.npz", title=BUNDLED[source])
    found = _found_data_sets()
    if source in found:
        title = _DATA_SETS.get(source, source)
        return _largest_component(read_sparse_graph(found[source], title=title))
    if source in DOWNLOADS:
        folder = Path(os.environ.get("LRS_DATA_ROOT") or Path.home() / ".cache" / "lrscore")
        return _largest_component(download_graph(source, folder / "downloads"))
    path = Path(source)
    reader = READERS.get(path.suffix.lower())
    if reader is not None and path.is_file():
        return _whole(reader(path, title=path.stem), path.stem)
    names = ", ".join(available_graphs())
    hint = "" if os.environ.get("LRS_DATA_ROOT") else "; citeseer and cora_ml need LRS_DATA_ROOT"
    absent = f"there is no file {source}: " if path.suffix or path.parent != Path() else ""
    raise InputError(
        f"{absent}graph must be one of {names}, or a .npz or .graphml file, got {source!r}{hint}"
    )


def _largest_component(graph: AttributedGraph) -> AttributedGraph:
    """What published work on the named data sets uses, with a remark if that is not the whole file."""
    nodes, largest = graph.labels.size, graph.undirected().largest_component()
    kept = largest.labels.size
    return largest.remarked(
        f"the largest connected component, {kept} of {nodes} nodes" if kept < nodes else ""
    )


def _whole(graph: AttributedGraph, name: str) -> AttributedGraph:
    """A file as it is; where a data set of the same name is cut, the remark says how the two differ."""
    parts = graph.components()
    if parts == 1 or name not in (*_found_data_sets(), *DOWNLOADS):
        return graph
    return graph.remarked(
        f"all {parts} connected components of the file; the name {name} stands for the largest one alone"
    )


def load_graph_model(name: str) -> nn.Module:
    """A trained node classifier, on the CPU.

    Args:
        name: one of `available_models()`, or one's own as `models.graphs.described` names it (a checkpoint,
            "FILE.json", "package.module:function").

    Raises:
        InputError: unknown name, or something about one's own model does not fit.
    """
    base, dressing = parted(name)
    if dressing.denoise:
        raise InputError("the denoiser stands in front of image models; a graph has none")
    return dressing.put_on(_undressed(base))


def _undressed(name: str) -> nn.Module:
    if is_own(name):
        return load_own(name)
    known = available_models()
    if name not in known:
        raise InputError(
            f"model must be one of {', '.join(known)}; or a checkpoint, FILE.json or module:function; got {name!r}"
        )
    return load_graph_network(HERE / "checkpoints" / f"{name}.safetensors")


def _found_data_sets() -> dict[str, Path]:
    root = os.environ.get("LRS_DATA_ROOT")
    if not root:
        return {}
    return {path.stem: path for path in sorted((Path(root) / "graphs").glob("*.npz"))}
