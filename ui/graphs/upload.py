"""Turn an uploaded file into a graph that can be certified and drawn, or into one clear sentence."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from lrscore.errors import InputError
from ui.graphs.sources import GraphSource, content_digest, with_layout
from ui.style.words import counted

MAX_MEGABYTES = 25
MAX_NODES = 6_000
MAX_EDGES = 60_000
EXTENSIONS = (".npz", ".graphml", ".xml")


class GraphUploadError(InputError):
    """An uploaded file can not be used; the message says why."""


def read_graph_upload(content: bytes, name: str) -> GraphSource:
    """Read a `.npz` or GraphML file, make its edges undirected, lay it out.

    Args:
        content: the file's content.
        name: the file's name, for messages.

    Raises:
        GraphUploadError: another kind of file, too large, damaged, or no graph with binary attributes.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in EXTENSIONS:
        raise GraphUploadError(
            f"{name} can not be used: expected a file ending in {' or '.join(EXTENSIONS)}."
        )
    if len(content) > MAX_MEGABYTES * 2**20:
        raise GraphUploadError(
            f"{name} has {len(content) / 2**20:.1f} MB; at most {MAX_MEGABYTES} MB are read."
        )
    from models.graphs.graphml import read_graphml
    from models.graphs.sparse_graph import read_sparse_graph

    read = read_sparse_graph if suffix == ".npz" else read_graphml
    try:
        graph = read(BytesIO(content), title=Path(name).stem)
    except InputError as error:
        raise GraphUploadError(f"{name} can not be used: {error}.") from error
    nodes, edges = graph.attributes.shape[0], graph.adjacency.nnz
    if nodes > MAX_NODES or edges > MAX_EDGES:
        raise GraphUploadError(
            f"{name} has {counted(nodes, 'node')} and {counted(edges, 'edge')}; the page draws at most "
            f"{MAX_NODES:,} and {MAX_EDGES:,}. The command line takes larger graphs."
        )
    digest = content_digest(content)
    data = with_layout(graph.undirected().to_data())
    return GraphSource.of_data(Path(name).stem, name, digest, data)
