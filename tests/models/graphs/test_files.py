"""Graph files: round trips, and refusals of whatever is no graph."""

from __future__ import annotations

import io
import pickle
import zipfile

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp

from lrscore.errors import InputError
from models.graphs.attributed import AttributedGraph, split_masks
from models.graphs.graphml import read_graphml
from models.graphs.sparse_graph import read_sparse_graph, write_sparse_graph


def small_graph() -> AttributedGraph:
    adjacency = np.zeros((5, 5))
    adjacency[[0, 1, 2, 3], [1, 2, 0, 3]] = 1  # a directed triangle, a self-loop, an isolated node
    attributes = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 1, 0], [0, 0, 1]])
    return AttributedGraph(
        adjacency=sp.csr_array(adjacency),
        attributes=sp.csr_array(attributes),
        labels=np.array([0, 1, 1, 0, -1]),
        class_names=("red", "blue"),
        node_names=tuple("abcde"),
        attribute_names=("x", "y", "z"),
        positions=np.arange(10, dtype=np.float32).reshape(5, 2),
    )


def arrays_of(path) -> dict[str, np.ndarray]:
    with np.load(path) as archive:
        return dict(archive)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "small.npz"
    write_sparse_graph(small_graph(), path)
    return path


def test_round_trip_by_path_and_by_upload(file):
    for source in (file, str(file), io.BytesIO(file.read_bytes())):
        graph = read_sparse_graph(source, title="small")
        np.testing.assert_array_equal(graph.adjacency.toarray(), small_graph().adjacency.toarray())
        np.testing.assert_array_equal(graph.attributes.toarray(), small_graph().attributes.toarray())
        assert graph.labels.tolist() == [0, 1, 1, 0, -1]
        assert (graph.class_names, graph.node_names) == (("red", "blue"), tuple("abcde"))
        assert (graph.title, graph.remark) == ("small", "")


def test_undirected_component_and_data(file):
    graph = read_sparse_graph(file).undirected()
    assert graph.adjacency.toarray().sum() == 6
    component = graph.largest_component()
    assert component.node_names == ("a", "b", "c")
    assert component.positions.tolist() == [[0, 1], [2, 3], [4, 5]]
    data = graph.to_data()
    assert data.x.tolist() == small_graph().attributes.toarray().tolist()
    assert sorted(map(tuple, data.edge_index.T.tolist())) == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert not (data.train_mask & data.test_mask).any()
    assert not (data.train_mask | data.val_mask | data.test_mask)[4]  # its class is unknown


def test_real_attributes_are_made_binary_with_a_remark(file, tmp_path):
    arrays = arrays_of(file)
    arrays["attr_matrix.data"] = arrays["attr_matrix.data"] * 0.25
    np.savez(tmp_path / "real.npz", **arrays)
    graph = read_sparse_graph(tmp_path / "real.npz")
    assert "nonzero" in graph.remark
    assert set(graph.to_data().x.unique().tolist()) == {0.0, 1.0}


def test_pickled_names_are_left_out_and_pickled_numbers_refused(file, tmp_path):
    arrays = arrays_of(file)
    np.savez(tmp_path / "names.npz", **{**arrays, "node_names": np.array([None], dtype=object)})
    assert read_sparse_graph(tmp_path / "names.npz").node_names == ()
    np.savez(tmp_path / "bad.npz", **{**arrays, "labels": np.array([None] * 5, dtype=object)})
    with pytest.raises(InputError, match="pickled"):
        read_sparse_graph(tmp_path / "bad.npz")


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def test_nothing_is_ever_executed(tmp_path):
    (tmp_path / "evil.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(InputError, match="is no usable"):
        read_sparse_graph(tmp_path / "evil.npz")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"adj_matrix.indices": None}, "missing: adj_matrix.indices"),
        ({"adj_matrix.indices": np.array([9, 9, 9, 9])}, "no usable .npz graph"),
        ({"adj_matrix.indptr": np.array([0, 4, 2, 3, 4, 4])}, "no usable .npz graph"),
        ({"attr_matrix.shape": np.array([5, 999_999])}, "at most"),
        ({"attr_matrix.data": np.full(6, np.nan)}, "finite"),
        ({"labels": np.array([0.5] * 5)}, "whole numbers"),
        ({"labels": np.array([0])}, r"\(n,\) labels"),
        ({"positions": np.zeros((2, 2))}, "positions must be"),
    ],
)
def test_broken_archives(file, tmp_path, change, text):
    arrays = {**arrays_of(file), **change}
    np.savez(tmp_path / "broken.npz", **{name: value for name, value in arrays.items() if value is not None})
    with pytest.raises(InputError, match=text):
        read_sparse_graph(tmp_path / "broken.npz")


def test_archives_that_unpack_to_too_much_are_not_read(tmp_path):
    path = tmp_path / "huge.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("labels.npy", "w") as member:
        for _ in range(520):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError, match="unpacks to 520 MiB"):
        read_sparse_graph(path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(InputError, match="no graph file"):
        read_sparse_graph(tmp_path / "nothing.npz")
    with pytest.raises(InputError, match="no graph file"):
        read_graphml(tmp_path / "nothing.graphml")


def friends() -> nx.Graph:
    graph = nx.Graph()
    graph.add_node("ann", likes_tea=True, tall=1, label="red", x=0.5, y=1.0, age=33)
    graph.add_node("bob", likes_tea=False, tall=0, label="blue", x=1.5, y=2.0, age=1)
    graph.add_node("cem", likes_tea=True, tall=0, x=2.5, y=3.0, age=0)
    graph.add_edge("ann", "bob", weight=0.3)
    return graph


def test_graphml(tmp_path):
    nx.write_graphml(friends(), tmp_path / "friends.graphml")
    for source in (tmp_path / "friends.graphml", io.BytesIO((tmp_path / "friends.graphml").read_bytes())):
        graph = read_graphml(source, title="friends")
        assert graph.attribute_names == ("likes_tea", "tall")  # age is no yes-or-no question
        assert graph.attributes.toarray().tolist() == [[1, 1], [0, 0], [1, 0]]
        assert graph.class_names == ("blue", "red")
        assert graph.labels.tolist() == [1, 0, -1]
        assert graph.adjacency.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
        assert graph.positions.tolist() == [[0.5, 1.0], [1.5, 2.0], [2.5, 3.0]]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"not xml", "no usable GraphML"),
        (b'<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "b">]><graphml/>', "document type declaration"),
        (
            b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed"/></graphml>',
            "no nodes",
        ),
        (
            b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed"><node id="a"/>'
            b"</graph></graphml>",
            "no binary node attribute",
        ),
    ],
)
def test_broken_graphml(content, text):
    with pytest.raises(InputError, match=text):
        read_graphml(io.BytesIO(content))


def test_split_takes_twenty_of_each_class_and_leaves_small_classes_some():
    labels = np.repeat([0, 1, -1], [100, 9, 5])
    train, validation, test = split_masks(labels, seed=0)
    counts = [
        [int((mask & (labels == label)).sum()) for label in (0, 1, -1)] for mask in (train, validation, test)
    ]
    assert counts == [[20, 3, 0], [20, 3, 0], [60, 3, 0]]
    assert (train.astype(int) + validation + test <= 1).all()
