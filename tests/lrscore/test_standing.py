"""A run that was cut off anywhere and goes on ends with the counts of one that never was: to the bit."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lrscore import GraphSettings, ImageSettings
from lrscore.certificate import Certificate
from lrscore.errors import InputError
from lrscore.graphs.certify import stream_graph
from lrscore.images.certify import stream_image
from lrscore.standing import Standing, Trail
from lrscore.unfinished import Unfinished, standing_of
from tests.ui.toy import ToyModel, toy_image

Stream = Callable[[Trail | None], list[Certificate]]
COUNTS = ("labels", "pilot_votes", "agreements", "pilot_scores", "pilot", "counts", "trials", "thresholds")
IMAGES = {
    "bonferroni": ImageSettings(grid=(2, 2), pilot_samples=12, samples=40, batch_size=8),
    "anytime": ImageSettings(grid=(2, 2), pilot_samples=12, samples=100, batch_size=8, correction="anytime"),
    "focus": ImageSettings(
        grid=(2, 2),
        pilot_samples=12,
        samples=200,
        batch_size=8,
        correction="anytime",
        focus=(0.05,),
        tolerance=0.05,
    ),
    "mixture": ImageSettings(grid=(1, 2), pilot_samples=12, samples=100, batch_size=8, correction="mixture"),
    "runner-up": ImageSettings(
        grid=(2, 2), pilot_samples=12, samples=100, batch_size=8, correction="anytime", runner_up=True
    ),
    "weighted": ImageSettings(
        grid=(1, 2), pilot_samples=16, samples=64, batch_size=8, correction="weighted-bonferroni"
    ),
}
GRAPHS = {
    "votes": GraphSettings(clusters=3, pilot_samples=10, samples=40, batch_size=4, scores="votes"),
    "edges": GraphSettings(
        clusters=2,
        pilot_samples=10,
        samples=40,
        batch_size=4,
        scores="votes",
        flip_edges=((0.01, 0.02), (0.2, 0.4)),
    ),
    "soft": GraphSettings(clusters=2, pilot_samples=10, samples=40, batch_size=4, scores="soft"),
    "margins": GraphSettings(
        clusters=2, pilot_samples=10, samples=40, batch_size=4, scores="soft", margins=True
    ),
    "anytime": GraphSettings(
        clusters=3, pilot_samples=10, samples=100, batch_size=4, scores="votes", correction="anytime"
    ),
    "runner-up": GraphSettings(
        clusters=3,
        pilot_samples=10,
        samples=100,
        batch_size=4,
        scores="votes",
        correction="anytime",
        runner_up=True,
    ),
}


class Often(Trail):
    """Chances to keep the standing after every batch."""

    def pieces(self, copies: int, batch: int, groups: int):
        return (min(batch, copies - start) for start in range(0, copies, batch))


def graph() -> SimpleNamespace:
    rng = np.random.default_rng(4)
    around = np.arange(18)
    edges = np.stack([around, (around + 1) % 18])
    return SimpleNamespace(
        x=torch.tensor((rng.random((18, 6)) < 0.3).astype(np.float32)),
        edge_index=torch.tensor(np.concatenate([edges, edges[::-1]], axis=1)),
    )


class Network:
    """Probabilities of a node and its neighbours."""

    digest = "a" * 64

    def __call__(self, x: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
        sums = x.clone().index_add_(0, edges[1], x[edges[0]])
        return torch.softmax(sums[:, :3] - sums[:, 3:], dim=1)


def of_image(settings: ImageSettings, image: np.ndarray | None = None, model: object = None) -> Stream:
    def run(trail: Trail | None) -> list[Certificate]:
        given = toy_image(12, 16) if image is None else image
        generator = torch.Generator().manual_seed(5)
        return list(stream_image(model or ToyModel(), given, settings, generator=generator, trail=trail))

    return run


def of_graph(settings: GraphSettings) -> Stream:
    def run(trail: Trail | None) -> list[Certificate]:
        generator = torch.Generator().manual_seed(5)
        return list(stream_graph(Network(), graph(), settings, generator=generator, trail=trail))

    return run


RUNS = {
    **{f"image, {name}": of_image(settings) for name, settings in IMAGES.items()},
    **{f"graph, {name}": of_graph(settings) for name, settings in GRAPHS.items()},
}


def assert_equal(one: Certificate, other: Certificate) -> None:
    for name in COUNTS:
        if hasattr(other, name):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
    ours, theirs = (getattr(certificate, "chosen", None) for certificate in (one, other))
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        assert ours.same_choice(theirs)
        assert np.array_equal(ours.rivals, theirs.rivals)
    assert one.provenance == other.provenance


@pytest.mark.parametrize("name", RUNS)
def test_a_run_goes_on_from_everywhere_to_the_same_counts(name: str, tmp_path: Path):
    run = RUNS[name]
    never_killed = run(None)
    standings: list[Standing] = []
    watched = run(Often(standings.append))
    assert [one.trials.tolist() for one in watched] == [one.trials.tolist() for one in never_killed]
    assert_equal(watched[-1], never_killed[-1])
    assert len(standings) > 4
    between = [one for one in standings if one.drawn.any()]
    assert len(between) > 3
    # a spread of them, the first and the last among them: what is kept in files is what counts
    for number in sorted({0, 1, len(standings) - 2, len(standings) - 1, *range(0, len(standings), 7)}):
        file = tmp_path / f"{number}.nc"
        Unfinished(file).keep(standings[number])
        kept = standing_of(file)
        assert kept is not None, number
        assert kept.copies == standings[number].copies
        rest = run(Often(lambda _: None, kept))
        assert_equal(rest[-1], never_killed[-1])
        assert len(rest) <= len(never_killed)
        for here, there in zip(reversed(rest), reversed(never_killed), strict=False):
            assert_equal(here, there)


def test_what_is_between_looks_is_in_no_certificate(tmp_path: Path):
    """The certificate of a standing counts what looks have counted; a later copy changes nothing in it."""
    standings: list[Standing] = []
    looks = RUNS["image, anytime"](Often(standings.append))
    sizes = {tuple(one.trials) for one in looks}
    for standing in standings:
        looked = standing.certificate.at_last_look()
        if looked is None:
            continue
        looked.check_counts()
        assert tuple(looked.trials) in sizes
        same = next(one for one in looks if tuple(one.trials) == tuple(looked.trials))
        assert_equal(looked, same)


def test_another_run_does_not_go_on():
    standings: deque[Standing] = deque(maxlen=1)
    RUNS["image, bonferroni"](Often(standings.append))
    begin = Often(lambda _: None, standings.pop())

    class Other(ToyModel):
        digest = "1" * 64

    changes = {
        "model_digest": of_image(IMAGES["bonferroni"], model=Other()),
        "settings": of_image(ImageSettings(grid=(2, 2), pilot_samples=12, samples=48, batch_size=8)),
        "input": of_image(IMAGES["bonferroni"], toy_image(12, 16, seed=1)),
    }
    for changed, run in changes.items():
        with pytest.raises(InputError, match=f"with another {changed}: start it again"):
            run(begin)


def test_progress_goes_on_too():
    standings: list[Standing] = []
    of_image(IMAGES["bonferroni"])(Often(standings.append))
    seen: list[tuple[int, int]] = []
    stream = stream_image(
        ToyModel(),
        toy_image(12, 16),
        IMAGES["bonferroni"],
        generator=torch.Generator().manual_seed(5),
        progress=lambda done, total: seen.append((done, total)),
        trail=Often(lambda _: None, standings[1]),
    )
    deque(stream, maxlen=0)
    assert seen[0] == (4 * 12 + 4 * 16, 4 * 52)
    assert seen[-1] == (4 * 52, 4 * 52)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
