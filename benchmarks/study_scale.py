"""What studies cost at scale: measured costs, and a model that says when scheduler or merging is the limit.

    python -m benchmarks.study_scale measure            # costs of this machine, as JSON on standard output
    python -m benchmarks.study_scale model              # the extrapolation of docs/scale.md, from costs and assumptions

Whole runs are measured, and costs fitted to them, by `benchmarks.study_runs`. Costs are processor time, not wall time,
so that a busy machine measures the same. The model is a bound: a run takes at least as long as its busiest part: the
workers, the scheduler, the network into the merges, or the client that writes files.
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

TASKS = 2000


@dataclass(frozen=True)
class Costs:
    """Measured costs.

    Args:
        task: seconds of the process with scheduler and client, per task.
        shard: seconds of a worker per shard that do not depend on its copies.
        merge: seconds of a worker per byte merged.
    """

    task: float
    shard: float
    merge: float


MEASURED = Costs(task=2.1e-3, shard=22.6e-3, merge=1.9e-9)
"""By `python -m benchmarks.study_scale measure`, on two shared cores with `street-unet`: see docs/scale.md."""


@dataclass(frozen=True)
class Job:
    """A study to be extrapolated.

    Args:
        name: for people.
        pictures, pixels, classes, groups: of the data and the grid.
        pilot, samples: noisy copies of every group.
        workers: GPUs.
        rate: noisy copies a second on one of them (assumed, not measured).
        file: bytes of a certificate file.
        network, disk: bytes a second into one machine, and onto the client's disk (assumed).
    """

    name: str
    pictures: int
    pixels: int
    classes: int
    groups: int
    pilot: int
    samples: int
    workers: int
    rate: float
    file: float
    network: float = 1.25e9
    disk: float = 1.0e9

    @property
    def copies(self) -> float:
        """Noisy copies of the whole study."""
        return float(self.pictures) * self.groups * (self.pilot + self.samples)


@dataclass(frozen=True)
class Forecast:
    """How long each part would take by itself, in seconds, if a shard holds so many copies.

    Args:
        copies: of a shard.
        tasks: of the study.
        workers, scheduler, client: sampling with overhead per shard, tasks through one scheduler, files onto one disk.
        merging: bytes that enter merges, spread over the workers' machines.
    """

    copies: int
    tasks: float
    workers: float
    scheduler: float
    client: float
    merging: float

    @property
    def limit(self) -> str:
        """The busiest part."""
        parts = {name: getattr(self, name) for name in ("workers", "scheduler", "client", "merging")}
        return max(parts, key=lambda name: parts[name])

    @property
    def seconds(self) -> float:
        """At least so long: the parts overlap."""
        return max(self.workers, self.scheduler, self.client, self.merging)


def forecast(job: Job, costs: Costs, copies: int, fan_in: int = 8) -> Forecast:
    """The parts of a study cut into shards of so many copies.

    A shard of a group returns its pixels: votes of the pilot take `classes` counts each, agreements one; counts up to
    255 take a byte, up to 65,535 two.
    """
    shards_pilot = job.groups * -(-job.pilot // copies)
    shards = job.groups * -(-job.samples // copies)
    steps = (shards_pilot + shards) / (fan_in - 1)
    tasks = job.pictures * (shards_pilot + shards + steps + job.groups + 3)
    own = job.pixels / job.groups
    width = 1 if min(copies, job.samples) < 256 else 2
    part = own * width
    entering = job.pictures * (shards_pilot * part * job.classes + shards * part)
    sampling = job.copies / job.rate + job.pictures * (shards_pilot + shards) * costs.shard
    return Forecast(
        copies,
        tasks,
        (sampling + entering * costs.merge) / job.workers,
        tasks * costs.task,
        job.pictures * job.file / job.disk,
        entering / (job.network * max(1, job.workers // 8)),
    )


def smallest_shard(job: Job, costs: Costs, share: float = 0.02) -> int:
    """Copies of a shard from which on its own cost is at most `share` of its work, and the scheduler keeps up."""
    copies = int(np.ceil(max(costs.shard * job.rate / share, 1)))
    while copies < job.samples:
        found = forecast(job, costs, copies)
        if found.scheduler <= found.workers:
            break
        copies = min(int(np.ceil(1.05 * copies)), job.samples)
    return copies


def jobs(rate: float) -> list[Job]:
    """The two studies of docs/scale.md."""
    small = Job("Cityscapes val, 64 GPUs", 500, 1024 * 2048, 19, 15, 128, 10_000, 64, rate, 20e6)
    return [small, replace(small, name="10^6 pictures, 10^4 GPUs", pictures=1_000_000, workers=10_000)]


def measure() -> dict[str, float]:
    """Costs of this machine, in processor seconds."""
    from lrscore.study.cluster import workers
    from lrscore.study.shards import Part, merge

    with workers(1) as client:
        client.gather(client.map(_nothing, range(100), pure=False))
        started = time.process_time()
        client.gather(client.map(_nothing, range(TASKS), pure=False))
        task = (time.process_time() - started) / TASKS
    generator = np.random.default_rng(0)
    parts = [Part({"votes": generator.integers(0, 200, (140_000, 19)).astype(np.uint8)}) for _ in range(8)]
    started = time.process_time()
    merge(parts)
    merging = (time.process_time() - started) / sum(part.counts["votes"].nbytes for part in parts)
    shard = _shard_cost()
    return {
        "scheduler and client, seconds per task": task,
        "merging, seconds per byte": merging,
        **shard,
        "bytes of a pilot part, 140,000 pixels of 19 classes, pickled": float(len(pickle.dumps(parts[0]))),
    }


def _nothing(number: int) -> int:
    return number


def _shard_cost() -> dict[str, float]:
    """Processor seconds of shards of 32 and 64 copies on a bundled scene: what a copy costs, and what a shard does."""
    from lrscore.catalogue import find_catalogue
    from lrscore.images.settings import ImageSettings
    from lrscore.study import image_shards
    from lrscore.study.items import items_of
    from lrscore.study.settings import Setting, StudySettings
    from lrscore.study.shards import Shard

    settings = ImageSettings(grid=(3, 5), samples=1024, pilot_samples=128)
    study = StudySettings(data=("scene:2000000",), settings=(Setting("one", settings, "street-unet"),))
    (item,) = items_of(study, find_catalogue(), "models.catalogue")
    opened = image_shards.open_item(item)
    spent: dict[int, list[float]] = {32: [], 64: []}
    for turn in range(3):
        for copies, found in spent.items():
            shard = Shard("pilot", 0, (0,), turn, copies, 32)
            started = time.process_time()
            part = image_shards.pilot_shard(item, opened, shard)
            found.append(time.process_time() - started)
    small, large = (float(np.median(found)) for found in spent.values())
    return {
        "a copy of 180x240 pixels, seconds of one core": (large - small) / 32,
        "a shard without its copies, seconds": max(2 * small - large, 0.0),
        "bytes of a pilot part of one of 15 groups, 180x240, 11 classes, pickled": float(
            len(pickle.dumps(part))
        ),
    }


def table(costs: Costs, rate: float) -> str:
    """The extrapolation as Markdown."""
    lines = [
        "| study | copies a shard | tasks | workers, h | scheduler, h | merging, h | files, h | limit | GPU hours |",
        "| --- |" + " --- |" * 8,
    ]
    for job in jobs(rate):
        for copies in sorted({128, 1024, smallest_shard(job, costs), job.samples}):
            found = forecast(job, costs, copies)
            hours = [
                f"{value / 3600:,.2f}"
                for value in (found.workers, found.scheduler, found.merging, found.client)
            ]
            gpu_hours = found.seconds * job.workers / 3600
            told = f"{found.tasks:,.0f} | {' | '.join(hours)} | {found.limit} | {gpu_hours:,.0f}"
            lines.append(f"| {job.name} | {copies:,} | {told} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or extrapolate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("measure", "model"))
    parser.add_argument(
        "--rate", type=float, default=100.0, help="noisy copies a second on one GPU (assumed)"
    )
    parser.add_argument("--task", type=float, default=MEASURED.task, help="measured: seconds per task")
    parser.add_argument("--shard", type=float, default=MEASURED.shard, help="measured: seconds per shard")
    parser.add_argument(
        "--merge", type=float, default=MEASURED.merge, help="measured: seconds per byte merged"
    )
    options = parser.parse_args(arguments)
    if options.step == "measure":
        print(json.dumps(measure(), indent=1))
        return
    costs = Costs(options.task, options.shard, options.merge)
    print(json.dumps(asdict(costs)))
    print(table(costs, options.rate))


if __name__ == "__main__":
    main()
