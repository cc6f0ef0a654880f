"""The work of a graph's job: labels in the model's numbering, as the command line has them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from jobs import JobManager, JobSnapshot
from lrscore import GraphSettings
from lrscore.graphs.known_labels import known_labels
from models.graphs.sparse_graph import read_sparse_graph
from tests.models.graphs.test_spellings import ADJACENCY, ATTRIBUTES, LABELS, archive
from ui.graphs.runs import GraphRun, graph_work
from ui.graphs.sources import GraphSource
from ui.running.machine import ModelShelf, Pacemaker

SETTINGS = GraphSettings(clusters=2, samples=20, pilot_samples=4, scores="votes")


class Model:
    """Three classes by the first two attributes."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.class_names = names

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        return torch.stack([x[:, 0], x[:, 1], torch.full_like(x[:, 0], 0.5)], dim=1).softmax(dim=1)


class Shelf(ModelShelf):
    """Hands out one model, whatever is asked for."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model

    def get(self, name: str, device: str):
        return self._model


def run(data, model: Model) -> JobSnapshot:
    source = GraphSource.of_data("mine", "mine.npz", "key", data)
    manager = JobManager()
    work = graph_work(GraphRun(source, SETTINGS, 0, "toy", 2), Shelf(model), Pacemaker())
    identity = manager.submit(work, owner="me", title="toy")
    assert manager.wait(identity, 120)
    return manager.snapshot(identity, "me")


@pytest.mark.parametrize("names", [("a", "b", "c"), ("c", "A", "b"), ("cat", "dog", "cow"), ()])
def test_labels_are_numbered_as_the_command_line_numbers_them(names: tuple[str, ...]):
    stored = {
        "adj": ADJACENCY,
        "attr": ATTRIBUTES,
        "labels": LABELS,
        "class_names": np.array(["a", "b", "c"]),
    }
    data, model = read_sparse_graph(archive(**stored)).undirected().to_data(), Model(names)
    expected, sentence = known_labels(data, model, 9)
    snapshot = run(data, model)
    assert snapshot.error is None or not snapshot.error
    if expected is None:
        assert snapshot.result.reference is None
        assert sentence in snapshot.remarks
        assert "only the model has cat, dog, cow" in sentence
        return
    np.testing.assert_array_equal(snapshot.result.reference, expected)
    if names:
        assert [names[label].lower() for label in expected] == ["abc"[label] for label in LABELS]
