"""The model of studies at scale: its counts are those of the real cutting, and its limits move as they must."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from distributed import Client, Future

from benchmarks.study_runs import RunCost, _merges, fit
from benchmarks.study_scale import Costs, Job, forecast, jobs, smallest_shard, table
from lrscore.study.items import Item
from lrscore.study.shards import Heading, Shard, cut
from lrscore.study.tasks import Submission

COSTS = Costs(task=2e-3, shard=0.02, merge=1e-8)
JOB = Job("small", 10, 43_200, 11, 15, 128, 1024, 4, 60.0, 1e6)


@pytest.mark.parametrize("copies", [128, 256, 512])
def test_shards_are_as_many_as_the_engine_cuts(copies: int):
    heading = Heading(tuple((group,) for group in range(JOB.groups)), 32, JOB.pilot, JOB.samples)
    shards = len(cut(heading, copies))
    counted = forecast(replace(JOB, pictures=1), replace(COSTS, merge=0.0), copies)
    work = JOB.groups * (JOB.pilot + JOB.samples) / JOB.rate
    assert counted.workers == pytest.approx((work + shards * COSTS.shard) / JOB.workers)
    assert counted.tasks >= shards


def test_a_shard_of_the_smallest_size_costs_no_more_than_its_share_and_keeps_up_with_the_workers():
    for job in (JOB, *jobs(100.0)):
        copies = smallest_shard(job, COSTS, 0.02)
        assert COSTS.shard / (copies / job.rate) <= 0.02
        found = forecast(job, COSTS, copies)
        assert found.scheduler <= found.workers or copies == job.samples
    few, many = (smallest_shard(replace(JOB, workers=count), COSTS) for count in (1, 1_000))
    assert many > few


def test_small_shards_make_the_scheduler_the_limit_and_large_ones_do_not():
    huge = jobs(100.0)[1]
    assert forecast(huge, COSTS, 32).limit == "scheduler"
    assert (
        forecast(huge, COSTS, smallest_shard(huge, COSTS)).scheduler <= forecast(huge, COSTS, 128).scheduler
    )
    assert "10^6 pictures" in table(COSTS, 100.0)


def test_costs_are_found_again_in_runs_that_were_made_from_them():
    runs = [
        RunCost(
            workers,
            3000,
            shards,
            2 * shards,
            1.5 + 0.1 * workers + 0.002 * 2 * shards,
            4.0 * workers + 12.0 + 0.02 * shards,
            0.0,
        )
        for workers in (1, 2, 4)
        for shards in (24, 150)
    ]
    found = fit(runs)
    assert (found.start, found.copy, found.shard, found.task) == pytest.approx((4.0, 0.004, 0.02, 0.002))
    assert found.error < 1e-6


@pytest.mark.parametrize("parts", [1, 2, 8, 9, 64, 65, 100])
def test_merges_are_those_of_the_engine(parts: int):
    made: list[object] = []

    class Counting(Submission):
        def _submit(self, *args: object) -> Future:
            made.append(args)
            return cast("Future", object())

    item = cast("Item", SimpleNamespace(drawn=""))
    futures = [cast("Future", object()) for _ in range(parts)]
    Counting(cast("Client", None), "", {})._tree(item, "pilot", 0, 0, futures)
    shards = [Shard("pilot", 0, (0,), index, 1, 1) for index in range(parts)]
    assert _merges(shards, 0) == len(made)
