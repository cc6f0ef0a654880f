"""The graphs that can be certified, the models that fit them, and the certificates stored with them.

Nothing here imports torch before a graph has to be read: a page that opens on a stored certificate does without.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lrscore.graph_certificate import GraphCertificate
from lrscore.partition import affinity, affinity_ranks, partition_nodes
from ui.graphs.layout import force_layout
from ui.runs import ModelShelf, Pacemaker

if TYPE_CHECKING:
    from torch_geometric.data import Data

ENVIRONMENT = "LRS_GRAPH_GALLERY"
"""Environment variable: another folder of certificates for the graphs that can be chosen."""

ENTRIES_PER_SECOND = {"cpu": 5e6, "cuda": 4e8}
"""Noisy ones a second that a graph network reads, until this machine has been measured."""

_GRAPHS = Path(__file__).resolve().parents[2] / "models" / "graphs"
_TITLES = {"village": "Village (invented)", "citeseer": "CiteSeer", "cora_ml": "Cora-ML"}


@dataclass(frozen=True, eq=False)
class GraphSource:
    """What a run certifies.

    Args:
        title: for people.
        argument: what the command line calls it: a graph's name or a file's.
        key: stands for the graph in caches.
        edges: (2, E) int64.
        shape: nodes and attributes.
        ones: attributes present, all nodes together.
        load: gives torch-geometric data with positions; may take a while the first time.
    """

    title: str
    argument: str
    key: str
    edges: np.ndarray
    shape: tuple[int, int]
    ones: int
    load: Callable[[], Data]

    @classmethod
    def of_data(cls, title: str, argument: str, key: str, data: Data) -> GraphSource:
        """From loaded data."""
        return cls(
            title=title,
            argument=argument,
            key=key,
            edges=np.asarray(data.edge_index.numpy()),
            shape=(int(data.x.shape[0]), int(data.x.shape[1])),
            ones=int(data.x.sum()),
            load=lambda: data,
        )

    def cost(self, to_one: float) -> float:
        """Noisy ones in one copy, about: what the time of a pass follows."""
        return self.ones + to_one * (self.shape[0] * self.shape[1] - self.ones)


def graph_titles() -> dict[str, str]:
    """Name -> title of the graphs at hand: the bundled one, and the files below `LRS_DATA_ROOT`."""
    root = os.environ.get("LRS_DATA_ROOT")
    found = sorted(path.stem for path in (Path(root) / "graphs").glob("*.npz")) if root else []
    return {name: _TITLES.get(name, name) for name in ("village", *found)}


def stored_file(name: str) -> Path | None:
    """The certificate stored with a graph, if there is one."""
    path = Path(os.environ.get(ENVIRONMENT) or _GRAPHS / "bundled") / f"{name}.nc"
    return path if path.is_file() else None


def source_of_name(name: str, certificate: GraphCertificate | None) -> GraphSource:
    """A graph by name; its numbers come from a stored certificate if there is one, else from its file.

    Raises:
        InputError: the file can not be used.
    """
    if certificate is None or certificate.display.ones is None or not certificate.display.attribute_names:
        return GraphSource.of_data(_TITLES.get(name, name), name, name, load_named(name))
    return GraphSource(
        title=_TITLES.get(name, name),
        argument=name,
        key=name,
        edges=certificate.edges,
        shape=(certificate.nodes, len(certificate.display.attribute_names)),
        ones=certificate.display.ones.shape[1],
        load=functools.partial(load_named, name),
    )


@st.cache_resource(max_entries=8, show_spinner="Reading the graph …")
def load_named(name: str) -> Data:
    """A graph by name, with a layout.

    Raises:
        InputError: unknown, or its file can not be used.
    """
    from models.graphs.registry import load_graph

    return with_layout(load_graph(name))


def with_layout(data: Data) -> Data:
    """The data with positions, computed where the file has none."""
    if getattr(data, "pos", None) is None:
        import torch

        data.pos = torch.as_tensor(force_layout(data.edge_index.numpy(), int(data.x.shape[0])))
    return data


@st.cache_data(max_entries=1, show_spinner=False)
def model_inputs() -> dict[str, int]:
    """Name of every graph network -> how many attributes it reads, from the files' headers."""
    from safetensors import safe_open

    inputs = {}
    for path in sorted((_GRAPHS / "checkpoints").glob("*.safetensors")):
        with safe_open(path, framework="np") as stored:
            inputs[path.stem] = int(json.loads(stored.metadata()["config"])["inputs"])
    return inputs


def fitting_models(source: GraphSource) -> tuple[str, ...]:
    """Networks that read as many attributes: the graph's own first, APPNP before the others."""
    names = [name for name, inputs in model_inputs().items() if inputs == source.shape[1]]
    own = f"{source.argument}-"
    return tuple(
        sorted(names, key=lambda name: (not name.startswith(own), not name.endswith("-appnp"), name))
    )


@st.cache_data(max_entries=64, show_spinner="Grouping the nodes …")
def cluster_ranks(
    key: str, partition: str | tuple[int, ...], clusters: int, nodes: int, _edges: np.ndarray
) -> np.ndarray:
    """(J, J) ranks of the clusters of a graph; `key` stands for its edges.

    Raises:
        SettingsError: more clusters than nodes.
    """
    return affinity_ranks(affinity(_edges, partition_nodes(_edges, nodes, partition, clusters)))


@st.cache_resource(max_entries=1, show_spinner=False)
def graph_shelf() -> ModelShelf:
    """The graph networks that are loaded."""
    return ModelShelf(_load_network)


@st.cache_resource(max_entries=1, show_spinner=False)
def graph_pacemaker() -> Pacemaker:
    """What is known about this machine's speed on graphs."""
    return Pacemaker(ENTRIES_PER_SECOND, unit=1)


def _load_network(name: str) -> object:
    from models.graphs.registry import load_graph_model

    return load_graph_model(name)
