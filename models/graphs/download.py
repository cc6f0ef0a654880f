"""Citation graphs by torch-geometric's own loaders, which download them where the machine is online."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sp
from torch_geometric.data import Data

from lrscore.errors import InputError, first_line
from models.graphs.attributed import AttributedGraph

DOWNLOADS = {
    "planetoid-cora": ("Planetoid", "Cora"),
    "planetoid-citeseer": ("Planetoid", "CiteSeer"),
    "planetoid-pubmed": ("Planetoid", "PubMed"),
    "citationfull-cora_ml": ("CitationFull", "Cora_ML"),
    "citationfull-dblp": ("CitationFull", "DBLP"),
}
"""Graph name -> loader and data set name in `torch_geometric.datasets`."""


def download_graph(name: str, folder: Path) -> AttributedGraph:
    """Load (and on the first call download) one of `DOWNLOADS`.

    Args:
        folder: where torch-geometric keeps its files.

    Raises:
        InputError: the data set cannot be had: no network, or a broken file.
    """
    from torch_geometric import datasets

    loader, title = DOWNLOADS[name]
    try:
        data = getattr(datasets, loader)(str(folder), title)[0]
    except Exception as error:  # network, archive and parser errors of many libraries
        reason = first_line(error)
        raise InputError(f"graph {name} could not be downloaded: {reason}") from error
    return _from_data(data, title)


def _from_data(data: Data, title: str) -> AttributedGraph:
    nodes = int(data.num_nodes)
    sources, targets = data.edge_index.numpy()
    attributes = sp.csr_array(data.x.numpy())
    binary = np.isin(attributes.data, (0, 1)).all()
    return AttributedGraph(
        adjacency=sp.csr_array((np.ones(sources.size), (sources, targets)), shape=(nodes, nodes)),
        attributes=attributes,
        labels=data.y.numpy().astype(np.int64),
        class_names=tuple(f"class {number}" for number in range(int(data.y.max()) + 1)),
        title=title,
        remark="" if binary else "attributes were not binary: every nonzero one counts as present",
    )
