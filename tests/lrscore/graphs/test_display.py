"""What comes with a graph is checked before anything is sampled: positions, names, masks, attributes, labels."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lrscore import GraphSettings, certify_graph
from lrscore.cli.known_nodes import target_nodes
from lrscore.errors import InputError, SettingsError
from lrscore.graphs.display import describe_graph
from lrscore.graphs.input import GraphInput
from lrscore.graphs.known_labels import known_labels
from tests.lrscore.graphs.toy_graph import graph


def with_more(**fields: object) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(graph()), **fields})


NODES, WIDTH = graph().x.shape


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pos", torch.rand(NODES, 3)),
        ("pos", np.random.default_rng(0).random((NODES, 2)).tolist()),
        ("train_mask", torch.ones(NODES, 10, dtype=torch.bool)),
        ("train_mask", [1] * NODES),
        ("node_names", list(range(NODES))),
        ("node_names", np.arange(NODES)),
        ("attribute_names", ["a"] * WIDTH),
        ("title", 7),
    ],
)
def test_usual_forms_are_taken(field, value):
    given = with_more(**{field: value})
    found = describe_graph(given, GraphInput.read(given))
    assert getattr(found, {"pos": "positions", "train_mask": "training"}.get(field, field)) is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pos", torch.rand(NODES + 1, 2)),
        ("pos", torch.full((NODES, 2), float("nan"))),
        ("pos", "here"),
        ("pos", object()),
        ("train_mask", torch.ones(3)),
        ("train_mask", torch.full((NODES,), 0.5)),
        ("node_names", ["a"]),
        ("node_names", "abc"),
        ("node_names", 3),
        ("attribute_names", ["a"] * (WIDTH + 1)),
        ("x", "x"),
        ("x", torch.full((NODES, WIDTH), 0.5)),
        ("x", torch.zeros(NODES, WIDTH, dtype=torch.complex64)),
        ("x", torch.tensor(1.0)),
        ("edge_index", torch.zeros(2, 3, dtype=torch.bool)),
        ("edge_index", torch.tensor(3)),
        ("edge_index", [[0, 99], [1, 2]]),
        ("edge_index", object()),
    ],
)
def test_whatever_does_not_fit_is_a_sentence_before_the_model_is_asked(field, value):
    def model(x, edges):
        pytest.fail("the model was asked")

    with pytest.raises(InputError, match=rf"graph.{field}") as caught:
        certify_graph(
            model, with_more(**{field: value}), GraphSettings(clusters=2), generator=torch.Generator()
        )
    assert "\n" not in str(caught.value)


def test_arrays_and_lists_are_graphs_too():
    given = graph()
    plain = SimpleNamespace(x=given.x.numpy().tolist(), edge_index=given.edge_index.numpy().astype(np.int32))
    np.testing.assert_array_equal(GraphInput.read(plain).rows, GraphInput.read(given).rows)


@pytest.mark.parametrize("kind", [np.uint8, np.uint64, np.int8, np.float32, np.float64])
@pytest.mark.parametrize("column", [False, True])
def test_labels_of_any_type_are_known(kind, column):
    values = (np.arange(NODES) % 2).astype(kind)
    labels, said = known_labels(SimpleNamespace(y=values[:, None] if column else values), None, NODES)
    assert (labels.tolist(), said) == ((np.arange(NODES) % 2).tolist(), "")


@pytest.mark.parametrize(
    "y", [np.full(NODES, np.nan), np.full(NODES, -2), np.zeros(NODES + 1), np.array(["a"] * NODES), 3]
)
def test_labels_that_are_none_are_refused(y):
    with pytest.raises(InputError, match="labels"):
        known_labels(SimpleNamespace(y=y), None, NODES)


def test_labels_are_renumbered_by_name_or_left_out():
    y = np.arange(NODES) % 2
    found, _ = known_labels(
        SimpleNamespace(y=y, class_names=("A", "b")), SimpleNamespace(class_names=("B", "a")), NODES
    )
    np.testing.assert_array_equal(found, 1 - y)
    found, said = known_labels(
        SimpleNamespace(y=y, class_names=("a", "c")), SimpleNamespace(class_names=("a", "b")), NODES
    )
    assert found is None
    assert "only the reference has c; only the model has b" in said


def test_targets_are_a_split_or_a_file(tmp_path):
    mask = torch.arange(NODES) < 2
    assert target_nodes("train", SimpleNamespace(train_mask=mask), NODES).tolist() == mask.tolist()
    (tmp_path / "m.csv").write_text("\n".join(map(str, mask.int().tolist())))
    assert target_nodes(str(tmp_path / "m.csv"), None, NODES).tolist() == mask.tolist()
    for text, error in (("0\n" * NODES, SettingsError), ("1\n", InputError), ("2\n" * NODES, InputError)):
        (tmp_path / "m.csv").write_text(text)
        with pytest.raises(error, match="targets"):
            target_nodes(str(tmp_path / "m.csv"), None, NODES)
    with pytest.raises(SettingsError, match="no split val"):
        target_nodes("val", SimpleNamespace(), NODES)
