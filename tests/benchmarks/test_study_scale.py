"""The model of studies at scale: its counts are those of the real cutting, and its limits move as they must."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.study_scale import Costs, Job, forecast, jobs, smallest_shard, table
from lrscore.study.shards import Heading, cut

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
