"""Graph files of all usual spellings give one graph; every other content is a sentence."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from lrscore.errors import InputError
from models.graphs.attributed import AttributedGraph, pattern
from models.graphs.graphml import read_graphml
from models.graphs.sparse_graph import read_sparse_graph, write_sparse_graph

RANDOM = np.random.default_rng(5)
ADJACENCY = np.triu(RANDOM.random((9, 9)) < 0.4, 1).astype(np.float64)
ATTRIBUTES = (RANDOM.random((9, 4)) < 0.5).astype(np.float64)
LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2])


def archive(**arrays: np.ndarray) -> io.BytesIO:
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    return file


def parts(name: str, matrix: np.ndarray, separator: str, **types: type) -> dict[str, np.ndarray]:
    stored = sp.csr_array(matrix)
    return {
        f"{name}{separator}data": stored.data.astype(types.get("data", np.float64)),
        f"{name}{separator}indices": stored.indices.astype(types.get("indices", np.int32)),
        f"{name}{separator}indptr": stored.indptr.astype(types.get("indices", np.int32)),
        f"{name}{separator}shape": np.array(stored.shape),
    }


def edges() -> np.ndarray:
    return np.array(np.nonzero(ADJACENCY))


SPELLINGS = {
    "SparseGraph": {
        **parts("adj_matrix", ADJACENCY, "."),
        **parts("attr_matrix", ATTRIBUTES, "."),
        "labels": LABELS,
    },
    "gnn-benchmark": {
        **parts("adj", ADJACENCY, "_"),
        **parts("attr", ATTRIBUTES, "_"),
        "labels": LABELS.astype(np.uint8),
    },
    "bool, wide indices": {
        **parts("adj", ADJACENCY, "_", data=bool, indices=np.int64),
        **parts("attr", ATTRIBUTES, "_", data=bool),
        "labels": LABELS.astype(np.float32),
    },
    "half precision": {
        **parts("adj", ADJACENCY, "_"),
        **parts("attr", ATTRIBUTES, "_", data=np.float16),
        "y": LABELS,
    },
    "heterophilous": {
        "edges": edges().T,
        "node_features": ATTRIBUTES.astype(np.float32),
        "node_labels": LABELS,
    },
    "torch-geometric": {
        "edge_index": edges(),
        "x": ATTRIBUTES.astype(bool),
        "y": LABELS[:, None].astype(np.int16),
    },
    "dense": {
        "adjacency": ADJACENCY.astype(np.int8),
        "features": ATTRIBUTES,
        "labels": LABELS.astype(np.uint64),
    },
    "dense attributes": {**parts("adj", ADJACENCY, "_"), "attr_matrix": ATTRIBUTES, "labels": LABELS},
    "one-hot labels": {
        **parts("adj", ADJACENCY, "_"),
        **parts("attr", ATTRIBUTES, "_"),
        "labels": np.eye(3, dtype=int)[LABELS],
    },
    "sparse labels": {
        **parts("adj", ADJACENCY, "_"),
        **parts("attr", ATTRIBUTES, "_"),
        **parts("labels", np.eye(3)[LABELS], "_"),
    },
    "coordinates": {
        "adj.data": np.ones(len(edges().T), dtype=np.uint8),
        "adj.row": edges()[0],
        "adj.col": edges()[1],
        "adj.shape": np.array([9, 9]),
        "features": ATTRIBUTES,
        "labels": LABELS,
    },
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_graph_in_every_spelling(name):
    graph = read_sparse_graph(archive(**SPELLINGS[name]))
    np.testing.assert_array_equal(graph.adjacency.toarray(), ADJACENCY)
    np.testing.assert_array_equal(graph.attributes.toarray(), ATTRIBUTES)
    np.testing.assert_array_equal(graph.labels, LABELS)
    assert graph.labels.dtype == np.int64
    assert graph.remark == ""


@pytest.mark.parametrize(
    "stored",
    [
        *(
            np.array(pair, dtype=kind)
            for pair in ((1, -1), (-1, -1), (0, 0))
            for kind in (np.int8, np.int64, np.float32)
        ),
        np.array([200, 100], dtype=np.uint8),
        np.array([0.5, -0.5]),
        np.array([1e-30, 1e30]),
        np.array([True, True]),
    ],
    ids=str,
)
def test_an_entry_is_an_edge_whatever_its_sum_with_its_mirror(stored):
    matrix = sp.csr_array((stored, ([0, 1], [1, 0])), shape=(3, 3))
    graph = AttributedGraph(matrix, sp.csr_array(np.eye(3)), np.array([0, 1, 0])).undirected()
    expected = [[0, 1, 0], [1, 0, 0], [0, 0, 0]] if stored.any() else np.zeros((3, 3))
    np.testing.assert_array_equal(graph.adjacency.toarray(), expected)


def test_repeated_entries_neither_cancel_nor_wrap_around():
    repeated = sp.csr_array(
        (np.array([1.0, -1.0, 5.0]), np.array([1, 1, 2]), np.array([0, 3, 3, 3])), shape=(3, 3)
    )
    np.testing.assert_array_equal(pattern(repeated).toarray(), [[0, 1, 1], [0, 0, 0], [0, 0, 0]])
    wrapped = sp.csr_array(
        (np.array([128, 128], dtype=np.uint8), np.array([0, 0]), np.array([0, 2, 2])), shape=(2, 2)
    )
    np.testing.assert_array_equal(pattern(wrapped).toarray(), [[1, 0], [0, 0]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"labels": np.full(9, -2)}, "-1 .unknown. or classes from 0"),
        ({"labels": LABELS + 0.5}, "whole numbers"),
        ({"labels": np.full(9, np.nan)}, "whole numbers"),
        ({"labels": np.ones((9, 3), dtype=int)}, "at most one 1"),
        ({"adj_data": np.full(int(ADJACENCY.sum()), np.inf)}, "finite"),
        ({"attr_indices": np.full(int(ATTRIBUTES.sum()), -1)}, "no usable"),
        ({"train_mask": np.ones(4, dtype=bool)}, "split"),
        ({"train_mask": np.ones(9, dtype=bool), "val_mask": np.ones(9, dtype=bool)}, "overlap"),
    ],
)
def test_contents_that_fit_nothing_are_named(change, said):
    with pytest.raises(InputError, match=said):
        read_sparse_graph(archive(**{**SPELLINGS["gnn-benchmark"], **change}))


def test_a_graph_without_attributes_or_edges_is_named_as_such():
    arrays = SPELLINGS["gnn-benchmark"]
    with pytest.raises(InputError, match="no node attributes"):
        read_sparse_graph(
            archive(**{name: value for name, value in arrays.items() if not name.startswith("attr")})
        )
    with pytest.raises(InputError, match="no edges"):
        read_sparse_graph(
            archive(**{name: value for name, value in arrays.items() if not name.startswith("adj")})
        )


def test_texts_as_labels_are_class_names_and_stored_splits_are_used(tmp_path):
    train = np.arange(9) < 3
    arrays = {**SPELLINGS["gnn-benchmark"], "labels": np.array(["b", "a", "c"] * 3)}
    masks = {
        "train_masks": np.stack([train, ~train]),
        "val_masks": np.zeros((2, 9), bool),
        "test_masks": np.stack([~train, train]),
    }
    graph = read_sparse_graph(archive(**arrays, **masks))
    assert (graph.class_names, graph.labels.tolist()) == (("a", "b", "c"), [1, 0, 2] * 3)
    assert "first of its 2 splits" in graph.remark
    np.testing.assert_array_equal(graph.to_data().train_mask.numpy(), train)
    write_sparse_graph(graph, tmp_path / "again.npz")
    np.testing.assert_array_equal(read_sparse_graph(tmp_path / "again.npz").split[2], ~train)


def test_real_values_are_said_to_be_binarised_and_crowds_are_doubted():
    some = read_sparse_graph(archive(**{**SPELLINGS["dense"], "features": ATTRIBUTES * 0.3}))
    assert "every nonzero one counts as present" in some.remark
    crowd = read_sparse_graph(archive(**{**SPELLINGS["dense"], "features": ATTRIBUTES + 0.1}))
    assert "100.0%" in crowd.remark
    assert "threshold" in crowd.remark


def graphml(
    keys: str, body: str, space: str = ' xmlns="http://graphml.graphdrawing.org/xmlns"'
) -> io.BytesIO:
    return io.BytesIO(
        f'<graphml{space}>{keys}<graph edgedefault="undirected">{body}</graph></graphml>'.encode()
    )


def key(number: str, name: str, kind: str, default: str | None = None, what: str = ' for="node"') -> str:
    inside = "" if default is None else f"<default>{default}</default>"
    return f'<key id="{number}"{what} attr.name="{name}" attr.type="{kind}">{inside}</key>'


def nodes(*data: dict[str, object]) -> str:
    return "".join(
        f'<node id="n{place}">' + "".join(f'<data key="{k}">{v}</data>' for k, v in one.items()) + "</node>"
        for place, one in enumerate(data)
    )


@pytest.mark.parametrize(
    ("kind", "default", "other"), [("boolean", "true", "false"), ("int", "1", "0"), ("double", "1.0", "0.0")]
)
@pytest.mark.parametrize("what", [' for="node"', ' for="all"', ""])
def test_defaults_are_values_of_nodes_without_data(kind, default, other, what):
    graph = read_graphml(graphml(key("k", "tall", kind, default, what), nodes({}, {"k": other}, {})))
    assert graph.attributes.toarray().tolist() == [[1], [0], [1]]
    graph = read_graphml(graphml(key("k", "tall", kind, other, what), nodes({}, {"k": default}, {})))
    assert graph.attributes.toarray().tolist() == [[0], [1], [0]]


def test_constant_columns_and_viewer_columns_are_no_attributes():
    keys = key("s", "smokes", "int") + key("i", "internal", "int") + key("z", "size", "double")
    body = nodes({"s": 1, "i": 1, "z": 1.0}, {"s": 0, "i": 1, "z": 0.0}, {"s": 1, "i": 1, "z": 1.0})
    graph = read_graphml(graphml(keys, body))
    assert graph.attribute_names == ("smokes",)
    assert "internal" in graph.remark


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["A", "B", "A"], ("A", "B")),
        (["A", "B", "C"], ()),
        ([str(number) for number in range(20)], ()),
        ([str(number % 19) for number in range(20)], ()),
        (["x", "y"] * 6, ("x", "y")),
    ],
)
def test_labels_are_classes_where_they_repeat_and_names_where_not(labels, classes):
    keys = key("l", "label", "string") + key("s", "s", "int")
    graph = read_graphml(
        graphml(keys, nodes(*({"l": one, "s": place % 2} for place, one in enumerate(labels))))
    )
    assert graph.class_names == classes
    assert graph.node_names == (
        tuple(f"n{place}" for place in range(len(labels))) if classes else tuple(labels)
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "utf-8-sig"])
def test_document_types_are_refused_in_every_encoding(encoding):
    text = '<?xml version="1.0" encoding="{}"?>\n<!DOCTYPE g [<!ENTITY a "1">]><graphml/>'
    name = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(encoding, encoding)
    content = text.format(name).encode(encoding)
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    with pytest.raises(InputError, match="document type"):
        read_graphml(io.BytesIO(mark + content))


@pytest.mark.parametrize(
    ("keys", "body", "said"),
    [
        (key("s", "s", "int"), nodes({"s": 1}) + '<edge source="n0" target="n7"/>', "does not declare"),
        (key("s", "s", "int"), nodes({"s": 1}) + '<node id="n0"/>', "twice"),
        (key("s", "s", "int") + key("t", "s", "int"), nodes({"s": 1, "t": 0}), "two keys"),
        (key("s", "s", "int"), nodes({"s": "many"}), "no usable GraphML"),
        (key("s", "s", "int"), nodes({"q": 1}), "no usable GraphML"),
        (key("s", "s", "int"), nodes({"s": 1}) + "<hyperedge/>", "no usable GraphML"),
    ],
)
def test_what_graphml_can_not_mean_is_refused(keys, body, said):
    with pytest.raises(InputError, match=said):
        read_graphml(graphml(keys, body))


def complaint(read, content: bytes) -> str:
    """The sentence with which a reader refuses a file; empty if it reads it."""
    try:
        read(io.BytesIO(content))
    except InputError as error:
        return str(error)
    return ""


def test_mutated_files_are_read_or_refused_in_a_sentence(tmp_path: Path):
    chance = random.Random(1)
    path = tmp_path / "good.npz"
    write_sparse_graph(
        AttributedGraph(
            sp.csr_array(ADJACENCY), sp.csr_array(ATTRIBUTES), LABELS, class_names=("a", "b", "c")
        ),
        path,
    )
    keys = key("l", "label", "string") + key("s", "s", "int", "1")
    friends = graphml(keys, nodes({"l": "A"}, {"l": "B", "s": 0}) + '<edge source="n0" target="n1"/>')
    raw = archive(**SPELLINGS["gnn-benchmark"]).getvalue()
    for read, good in (
        (read_sparse_graph, path.read_bytes()),
        (read_sparse_graph, raw),
        (read_graphml, friends.getvalue()),
    ):
        for _ in range(120):
            bad = bytearray(good)
            for _ in range(chance.choice([1, 2, 6])):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            if chance.random() < 0.2:
                del bad[chance.randrange(len(bad)) :]
            assert "\n" not in complaint(read, bytes(bad))


def test_mutated_arrays_are_read_or_refused_in_a_sentence():
    """Archives that are whole, with arrays of other shapes, types and values."""
    chance = np.random.default_rng(2)
    odd = [
        np.array(3),
        np.zeros((0, 2)),
        np.array(["x"]),
        np.full((2, 2), np.nan),
        np.array([1 + 2j]),
        np.array([b"q"]),
    ]
    for _ in range(150):
        arrays = dict(SPELLINGS[list(SPELLINGS)[chance.integers(len(SPELLINGS))]])
        name = list(arrays)[chance.integers(len(arrays))]
        value = arrays[name]
        change = chance.integers(5)
        if change == 0:
            arrays[name] = odd[chance.integers(len(odd))]
        elif change == 1:
            arrays[name] = value.ravel()[: chance.integers(1, value.size + 1)]
        elif change == 2:
            arrays[name] = value.astype(np.float64) * chance.choice([-1, 1e300, 0.5, np.nan])
        elif change == 3:
            arrays[name] = value[..., None]
        else:
            del arrays[name]
        with np.errstate(all="ignore"):
            assert "\n" not in complaint(read_sparse_graph, archive(**arrays).getvalue())
