"""Networks of one's own: trained as a job, kept on a shelf with a card, brought as a file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from jobs import JobManager, JobSnapshot, JobState
from lrscore.errors import InputError
from lrscore.graphs.settings import GraphSettings
from models.graphs.networks import GraphNetworkConfig
from models.graphs.registry import HERE, load_graph, load_graph_model
from ui.graphs.own_models import (
    card_of,
    free_path,
    keep_checkpoint,
    model_reference,
    model_words,
    own_models,
    plain_name,
)
from ui.graphs.sources import GraphSource, fitting_models, known_graph
from ui.graphs.training import Training, trainable, training_work

SETTINGS = GraphSettings(clusters=3, flip_to_one=(0.0, 0.02), flip_to_zero=(0.6, 0.2))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("ui.graphs.own_models.runs_folder", lambda: tmp_path)
    return tmp_path / "models"


@pytest.fixture(scope="module")
def village() -> GraphSource:
    return GraphSource.of_data("Village", "mine.npz", "mine", load_graph("village"))


def run(training: Training, *, cancel: bool = False) -> JobSnapshot:
    manager = JobManager()
    identity = manager.submit(training_work(training), owner="me", title=training.title)
    if cancel:
        manager.cancel(identity, "me")
    assert manager.wait(identity, 120)
    return manager.snapshot(identity, "me")


@pytest.mark.parametrize("kind", ["appnp", "gcn"])
def test_a_network_is_trained_kept_and_chosen_with_a_card(shelf: Path, village: GraphSource, kind: str):
    snapshot = run(Training(village, kind, SETTINGS, free_path(f"mine-{kind}"), steps=40))
    assert snapshot.state is JobState.DONE, snapshot.error
    assert (snapshot.done, snapshot.total, snapshot.result) == (40, 40, f"mine-{kind}")
    (own,) = own_models()
    assert own.name == f"own:mine-{kind}"
    assert own.name in fitting_models(village)
    network = load_graph_model(model_reference(own.name))
    assert network.name == plain_name(own.name)
    assert network.config == GraphNetworkConfig(kind, village.shape[1], len(network.class_names))
    card = card_of(own.name)
    for words in (kind.upper(), "mine.npz", "40 steps", "0.2 to 0.6", network.digest, "| none |"):
        assert words in card
    assert model_words(own.name) == f"mine-{kind} (your own)"
    assert free_path(f"mine-{kind}").name == f"mine-{kind}-2.safetensors", "nothing is overwritten"


def test_a_cancelled_training_leaves_nothing(shelf: Path, village: GraphSource):
    assert run(Training(village, "gcn", SETTINGS, free_path("mine"), steps=100_000), cancel=True).state is (
        JobState.CANCELLED
    )
    assert own_models() == ()


def test_a_graph_without_labels_says_that_it_can_not_teach(shelf: Path, village: GraphSource):
    assert trainable(village) == ""
    data = load_graph("village")
    data.y[:] = -1
    mute = replace(village, load=lambda: data)
    assert "labels of at least two classes" in trainable(mute)
    snapshot = run(Training(mute, "gcn", SETTINGS, free_path("mine"), steps=5))
    assert snapshot.state is JobState.FAILED
    assert "labels of at least two classes" in snapshot.error


def test_a_checkpoint_is_brought_and_others_are_refused(shelf: Path, village: GraphSource):
    content = (HERE / "checkpoints" / "village-gcn.safetensors").read_bytes()
    name = keep_checkpoint(content, "My best model.safetensors", village.shape[1])
    assert name == "own:My-best-model"
    assert name in fitting_models(village)
    assert "My best model.safetensors" in card_of(name)
    for bad, told, words in (
        (content, "model.pt", "expected a checkpoint"),
        (b"no weights", "model.safetensors", "does not hold a graph network"),
        (content, "../../model.safetensors", r"reads [\d,]+ attributes per node, the graph has 7"),
    ):
        with pytest.raises(InputError, match=words):
            keep_checkpoint(bad, told, 7)
    assert [own.name for own in own_models()] == [name]
    assert re.fullmatch(r"[\w-]+\.safetensors", free_path("../../up").name)


def test_a_file_that_equals_a_known_graph_is_known(village: GraphSource):
    from ui.graphs.upload import read_graph_upload

    assert known_graph(village) == "village"
    content = (HERE / "bundled" / "village.npz").read_bytes()
    uploaded = read_graph_upload(content, "download.npz")
    assert known_graph(uploaded) == "village"
    assert fitting_models(uploaded)[0] == "village-appnp"
    data = load_graph("village")
    data.x[0, 0] = 1 - data.x[0, 0]
    assert known_graph(GraphSource.of_data("Other", "other.npz", "other", data)) is None
