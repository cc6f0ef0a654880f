"""Branch and bound on the page: what it proves is carried to the right budgets and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jobs import JobManager, JobState
from lrscore.collective import certify_collectively
from tests.ui.toy import toy_certificate
from ui.images.branch_and_bound.work import (
    SharpPoint,
    SharpStore,
    search,
    search_work,
    sharpened,
    spread_budgets,
)
from ui.images.curves import CurveSet, compute_curves


@pytest.fixture(scope="module")
def curves() -> CurveSet:
    return compute_curves(toy_certificate(), "correct")


def point(curves: CurveSet, index: int, certified: int, ceiling: int) -> SharpPoint:
    allocation = np.full(curves.allocation.shape[1], 7.0)
    proof = certify_collectively([[1.0]], [1.0], [0], [0.5])  # of no matter here
    return SharpPoint(index, certified, ceiling, allocation, "time limit", proof)


def test_a_proof_holds_for_smaller_budgets_and_a_ceiling_for_larger_ones(curves: CurveSet):
    index = 80
    middle = int(curves.envelope[index] + curves.ceiling[index]) // 2
    better = sharpened(curves, [point(curves, index, middle, middle)])
    for position in range(len(curves.epsilons)):
        if position <= index:
            assert better.proven[position] == max(curves.envelope[position], middle)
            assert position == index or better.ceiling[position] == curves.ceiling[position]
        else:
            assert better.proven[position] == curves.envelope[position]
            assert better.ceiling[position] == min(curves.ceiling[position], middle)
    assert (better.proven <= better.ceiling).all()
    assert (np.diff(better.proven) <= 0).all()
    assert better.allocation[index].tolist() == [7.0] * 6
    assert np.array_equal(better.allocation[index - 1], curves.allocation[index - 1])
    lowered = np.flatnonzero(better.ceiling < curves.ceiling)
    assert (better.allocation[lowered] == 7.0).all(), "the picture shows the attack behind the ceiling"


def test_nothing_found_changes_nothing(curves: CurveSet):
    assert sharpened(curves, []) is curves
    useless = sharpened(curves, [point(curves, 80, 0, curves.outputs)])
    assert np.array_equal(useless.proven, curves.envelope)
    assert np.array_equal(useless.ceiling, curves.ceiling)


@pytest.mark.parametrize("count", ["correct", "all"])
def test_a_search_proves_at_least_the_envelope_and_at_most_the_ceiling(count: str):
    certificate = toy_certificate()
    curves = compute_curves(certificate, count)
    index = spread_budgets(curves, 3)[0]
    found = search(certificate, curves, count, index, seconds=2.0)
    assert curves.envelope[index] <= found.certified <= found.ceiling <= curves.ceiling[index]
    assert found.allocation.sum() <= float(curves.epsilons[index]) ** 2 * (1 + 1e-9)


def test_the_discount_is_subtracted():
    certificate = toy_certificate()
    settings = replace(certificate.settings, correction="count-level", tolerated=6)
    tolerant = replace(certificate, settings=settings)
    curves = compute_curves(tolerant, "all")
    found = search(tolerant, curves, "all", 0, seconds=1.0)
    assert found.certified == found.ceiling - 5


def test_budgets_worth_a_search_have_a_gap(curves: CurveSet):
    indices = spread_budgets(curves, 6)
    gaps = (curves.ceiling - curves.envelope)[indices]
    assert 0 < len(indices) <= 6
    assert (gaps > 0).all()
    assert (np.diff(gaps) <= 0).all(), "largest gaps first"
    closed = replace(curves, ceiling=curves.envelope)
    assert spread_budgets(closed) == []


def test_the_store_keeps_the_better_point_and_is_bounded(curves: CurveSet):
    store = SharpStore(capacity=2)
    store.add(("a",), point(curves, 5, 100, 200))
    store.add(("a",), point(curves, 5, 90, 200))
    store.add(("a",), point(curves, 3, 50, 60))
    assert [(found.index, found.certified) for found in store.found(("a",))] == [(3, 50), (5, 100)]
    store.add(("b",), point(curves, 1, 1, 1))
    store.add(("c",), point(curves, 1, 1, 1))
    assert store.found(("a",)) == ()


def test_the_job_hands_over_every_point(curves: CurveSet, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "ui.images.branch_and_bound.work.search",
        lambda certificate, found, count, index, cancel: point(found, index, 1, 2),
    )
    manager, kept = JobManager(), []
    work = search_work(toy_certificate(), curves, "all", [4, 9], kept.append)
    identity = manager.submit(work, owner="me", title="search")
    assert manager.wait(identity, 30)
    snapshot = manager.snapshot(identity, "me")
    assert (snapshot.state, snapshot.done, snapshot.total) == (JobState.DONE, 2, 2)
    assert [found.index for found in kept] == [4, 9]


def test_a_cancelled_search_stops_between_boxes_and_hands_over_what_it_has_proven(
    curves: CurveSet, monkeypatch: pytest.MonkeyPatch
):
    """Without a limit in time: only the cancel ends it. It is asked before every box."""
    monkeypatch.setattr("ui.images.branch_and_bound.work.SECONDS", None)
    certificate, asked = toy_certificate(), []
    manager, kept = JobManager(), []
    index = spread_budgets(curves, 3)[0]
    monkeypatch.setattr("jobs.job.JobHandle.cancelled", lambda handle: asked.append(1) or len(asked) > 12)
    identity = manager.submit(
        search_work(certificate, curves, "correct", [index, index + 1], kept.append),
        owner="me",
        title="search",
    )
    assert manager.wait(identity, 60)
    assert manager.snapshot(identity, "me").done == 1, "the second budget is not begun"
    assert manager.snapshot(identity, "me").result is None
    assert [found.index for found in kept] == [index]
    assert kept[0].status == "time limit"
    assert curves.envelope[index] <= kept[0].certified <= kept[0].ceiling
    assert len(kept[0].proof.proof.split_groups) > 1, "boxes split so far are in the proof"
