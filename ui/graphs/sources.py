"""The graphs that can be certified, the models that fit them, and the certificates stored with them.

Nothing here imports torch before a graph has to be read: a page that opens on a stored certificate does without.
"""

from __future__ import annotations

import functools
import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
import streamlit as st

from lrscore.graphs.certificate import UNKNOWN, GraphCertificate
from lrscore.graphs.partition import affinity, affinity_ranks, partition_nodes
from ui.graphs.layout import force_layout
from ui.graphs.own_models import OWN, described_models, own_models
from ui.library.bundled_graphs import _GRAPHS, _TITLES, graph_file, graph_titles
from ui.running.machine import ModelShelf, Pacemaker

if TYPE_CHECKING:
    from torch_geometric.data import Data


ENTRIES_PER_SECOND = {"cpu": 5e6, "cuda": 4e8}
"""Noisy ones a second that a graph network reads, until this machine has been measured."""


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


def graph_title(certificate: GraphCertificate, name: str) -> str:
    """What to call a certificate's graph: the title of one at hand, or what it is called in the file, or `name`."""
    told = certificate.provenance.get("title") or certificate.display.title or name
    return graph_titles().get(told, told)


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


def source_of_certificate(certificate: GraphCertificate) -> GraphSource | None:
    """The graph that a certificate is about, to certify it again; None if the file does not tell all of it."""
    width, ones = width_of(certificate), certificate.display.ones
    if width is None or ones is None:
        return None
    name = certificate.provenance.get("title") or certificate.display.title or "graph"
    return GraphSource(
        title=Path(name).stem,
        argument=name,
        key=f"{name} {zlib.crc32(certificate.edges.tobytes())} {zlib.crc32(ones.tobytes())}",
        edges=certificate.edges,
        shape=(certificate.nodes, width),
        ones=ones.shape[1],
        load=functools.partial(_data_of, certificate, width),
    )


def width_of(certificate: GraphCertificate) -> int | None:
    """Number of attributes of a certificate's graph: as many as are named, or as its model reads; None if unknown."""
    model = certificate.provenance.get("model", "")
    brought = {own_model.name: own_model.inputs for own_model in own_models()}
    return len(certificate.display.attribute_names) or model_inputs().get(model) or brought.get(OWN + model)


def _data_of(certificate: GraphCertificate, width: int) -> Data:
    import torch

    from models.graphs.attributed import AttributedGraph

    display, nodes = certificate.display, certificate.nodes
    assert display.ones is not None
    unknown = np.full(nodes, UNKNOWN)
    graph = AttributedGraph(
        adjacency=_marked(certificate.edges, (nodes, nodes)),
        attributes=_marked(display.ones, (nodes, width)),
        labels=unknown if certificate.reference is None else certificate.reference,
        class_names=certificate.class_names,
        node_names=display.node_names,
        attribute_names=display.attribute_names,
        positions=display.positions,
        title=display.title,
    )
    data = graph.to_data()
    if display.training is not None:  # what the model was trained on then, whatever the split is now
        data.train_mask = torch.as_tensor(display.training)
    return with_layout(data)


def _marked(places: np.ndarray, shape: tuple[int, int]) -> sp.csr_array:
    """Ones at the given (2, k) places."""
    return sp.csr_array((np.ones(places.shape[1]), (places[0], places[1])), shape=shape)


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


def known_graph(source: GraphSource) -> str | None:
    """Name of the graph at hand that this one equals, as a file or node by node; None if none does."""
    if source.argument in graph_titles():
        return source.argument
    for name in graph_titles():
        file = graph_file(name)
        if file is not None and _digest(str(file), file.stat().st_mtime_ns) == source.key:
            return name
    for name, inputs in model_inputs().items():
        graph = name.rpartition("-")[0]
        if inputs == source.shape[1] and graph in graph_titles() and _same_graph(source.key, graph, source):
            return graph
    return None


@st.cache_data(max_entries=64, show_spinner=False)
def _digest(path: str, stamp: int) -> str:
    """What stands for a file's content, as for an uploaded one."""
    return content_digest(Path(path).read_bytes())


def content_digest(content: bytes) -> str:
    """What stands for an uploaded graph in caches."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


@st.cache_data(max_entries=64, show_spinner=False)
def _same_graph(key: str, name: str, _source: GraphSource) -> bool:
    """Whether a graph is the one of that name; `key` stands for it."""
    other, data = load_named(name), _source.load()
    return bool(
        other.x.shape == data.x.shape
        and other.edge_index.shape == data.edge_index.shape
        and (other.edge_index == data.edge_index).all()
        and (other.x == data.x).all()
    )


def fitting_models(source: GraphSource) -> tuple[str, ...]:
    """Networks for it: the graph's own first, APPNP before others, then the shelf's, then those described."""
    names = [name for name, inputs in model_inputs().items() if inputs == source.shape[1]]
    own = f"{known_graph(source) or source.argument}-"
    names.sort(key=lambda name: (not name.startswith(own), not name.endswith("-appnp"), name))
    shelf = [model.name for model in own_models() if model.inputs == source.shape[1]]
    return (*names, *shelf, *described_models())


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
