"""Graph files that used to be taken for something else without a word."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pytest

from lrscore.cli.known_nodes import target_nodes
from lrscore.errors import InputError, SettingsError
from lrscore.graphs.known_labels import beyond_model
from models.graphs.described import load_own
from models.graphs.graphml import read_graphml
from models.graphs.labels import class_numbers
from models.graphs.sparse_graph import read_sparse_graph
from tests.models.graphs.test_spellings import ADJACENCY, ATTRIBUTES, LABELS, archive

PLAIN = {"adj": ADJACENCY, "attr": ATTRIBUTES, "labels": LABELS}


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["0", "10", "2", "9"], [0, 10, 2, 9]),
        (["0.0", "2.0", "", "10.0"], [0, 2, -1, 10]),
        ([" 3", "-1", "0", "1"], [3, -1, 0, 1]),
    ],
)
def test_texts_that_are_numbers_are_those_numbers(texts, numbers):
    assert class_numbers(np.array(texts), 4)[0].tolist() == numbers
    assert class_numbers(np.array(texts), 4)[1] == ()
    named, names = class_numbers(np.array([*texts, "tree"]), 5)
    assert (names[named[0]], names[named[-1]]) == (texts[0].strip(), "tree")


@pytest.mark.parametrize("kind", [int, float, str])
def test_classes_of_graphml_that_are_numbers_are_those_numbers(kind):
    graph = nx.path_graph(13)
    for node in graph:
        graph.nodes[node].update({"class": kind(node % 12), "even": node % 2 == 0})
    content = io.BytesIO()
    nx.write_graphml_xml(graph, content)
    content.seek(0)
    found = read_graphml(content)
    assert found.labels.tolist() == [node % 12 for node in range(13)]


def test_columns_that_are_not_read_are_named():
    graph = nx.karate_club_graph()  # its classes are called "club"
    for node in graph:
        graph.nodes[node].update({"even": node % 2 == 0, "age": node, "name": f"member {node}"})
    content = io.BytesIO()
    nx.write_graphml_xml(graph, content)
    content.seek(0)
    found = read_graphml(content)
    assert found.node_names[3] == "member 3"
    assert "classes are unknown" in found.remark
    assert "left out, as they do not say yes or no of a node: club, age" in found.remark


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"y": 1 - LABELS % 2}, "labels is read, y is not"),
        ({"x": 1 - ATTRIBUTES}, "attr is read, x is not"),
        ({"edge_index": np.array([[0], [1]])}, "edge_index is read, adj is not"),
        ({"edges": np.array([[0, 1]]), "A": ADJACENCY}, "edges is read, adj and A are not"),
        ({"adj": ADJACENCY * 0.5}, "weights of edges were not binary"),
        ({"adj": np.full((9, 9), 0.1)}, "100.0% of all pairs of nodes, which leaves little"),
        ({"labels": LABELS + 1}, "no node is of class 0: the labels name the classes 1 to 3"),
        (
            {"labels": np.where(LABELS == 0, 255, LABELS).astype(np.uint8)},
            "of the classes 0 to 255 only 3 occur",
        ),
    ],
)
def test_what_may_have_been_meant_otherwise_is_said(more, said):
    assert read_sparse_graph(archive(**PLAIN)).remark == ""
    assert said in read_sparse_graph(archive(**PLAIN | more)).remark


def test_labels_beyond_the_classes_of_a_model_are_said():
    assert beyond_model(None, 2) == beyond_model(np.array([0, 1, -1]), 2) == ""
    assert "2 nodes count as wrong" in (said := beyond_model(np.array([1, 2, 2, -1]), 2))
    assert "numbered from 1?" in said
    assert "numbered from 1?" not in beyond_model(np.array([0, 2, 5]), 2)


def test_an_empty_split_is_no_target(tmp_path):
    graph = read_sparse_graph(archive(**PLAIN, train_mask=np.arange(9) < 3)).to_data()
    assert target_nodes("train", graph, 9).sum() == 3
    with pytest.raises(SettingsError, match="the split test of the graph holds no node"):
        target_nodes("test", graph, 9)


@pytest.mark.parametrize("suffix", [".pt", ".PTH", ".ckpt"])
def test_weights_that_are_not_there_are_said_to_be_missing(tmp_path, suffix):
    with pytest.raises(InputError, match="do not exist"):
        load_own(str(tmp_path / f"nothing{suffix}"))
    (tmp_path / f"w{suffix}").write_bytes(b"")
    with pytest.raises(InputError, match="describe the network"):
        load_own(str(tmp_path / f"w{suffix}"))


def test_directions_and_loops_that_are_lost_are_said():
    def remark(*edges):
        stored = {"edges": np.array(edges), "x": ATTRIBUTES, "y": LABELS}
        return read_sparse_graph(archive(**stored)).undirected().remark

    assert remark((0, 1), (1, 2)) == remark((0, 1), (1, 0)) == ""  # every edge once, or every edge twice
    assert "1 of 3 edges had one direction" in remark((0, 1), (1, 0), (1, 2))
    assert "loops of 2 nodes are left out" in remark((0, 1), (3, 3), (4, 4))


def test_a_file_that_names_test_nodes_alone_keeps_them():
    graph = read_sparse_graph(archive(**PLAIN, test_idx=np.array([2, 5])))
    assert "no training nodes" in graph.remark
    data = graph.to_data()
    assert np.flatnonzero(data.test_mask.numpy()).tolist() == [2, 5]
    assert not data.train_mask.any()


def test_names_of_classes_are_read_or_said_to_be_missing():
    def read(names):
        return read_sparse_graph(archive(**PLAIN, class_names=names))

    for texts in (np.array(["a", "b", "ü"]), np.array([b"a", b"b", "ü".encode()])):
        assert (read(texts).class_names, read(texts).remark) == (("a", "b", "ü"), "")
    assert read(np.array(["a", "b", "c", "nobody"])).class_names[-1] == "nobody"
    for wrong in (np.array(["a", "b"]), np.array([1, 2, 3]), np.array([["a", "b", "c"]])):
        assert read(wrong).class_names == ()
        assert "class_names holds no 3 texts" in read(wrong).remark
    assert "pickled objects" in read(np.array(["a", "b", None], dtype=object)).remark
