"""Whole studies, measured: costs fitted to runs with 1, 2 and 4 local workers, the engine against a loop, resuming.

    python -m benchmarks.study_runs fit         # runs with 1, 2 and 4 workers and two sizes of shards, and the fit
    python -m benchmarks.study_runs overhead    # one process with and without the engine
    python -m benchmarks.study_runs speedup     # one study by one worker and by two, and what the cores allow
    python -m benchmarks.study_runs resume      # `study resume` of a finished study of 500 certificates
    python -m benchmarks.study_runs recount     # another method of a finished study, from its files

What is fitted and compared is processor time, of this process (scheduler and client) and of the workers, so that a busy
machine measures the same. Wall time is told beside it: it means something on idle cores alone.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrscore.study.settings import Setting, StudySettings
from lrscore.study.store import TABLE, Store

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

    from lrscore.images.settings import ImageSettings

WORKERS = (1, 2, 4)
COPIES = (32, 512)
"""Copies of a shard: many small ones and few large ones tell the cost of a shard from that of a copy."""
PICTURES, SIZE = 3, (45, 60)
"""What costs are fitted to: small pictures, of which many shards are done in the same time."""
LARGE = (90, 120)
RESUMED = 500


@dataclass(frozen=True)
class RunCost:
    """What one run of a study cost.

    Args:
        workers: processes.
        copies, shards, tasks: noisy copies, shards, and everything that the scheduler saw.
        main, children: processor seconds of scheduler and client, and of the workers with their start.
        wall: seconds.
        busy: seconds in which workers were at a shard or a certificate, all together; their start is not among them.
    """

    workers: int
    copies: int
    shards: int
    tasks: int
    main: float
    children: float
    wall: float
    busy: float = 0.0

    @property
    def share(self) -> float:
        """Share of the workers' time in which they were busy, their start included. It hardly depends on what else the
        machine does: everything takes longer then."""
        return self.busy / (self.workers * self.wall)


@dataclass(frozen=True)
class Fit:
    """Costs in processor seconds, least squares over several runs.

    Args:
        start: of a worker.
        copy: of a noisy copy.
        shard: of a shard without its copies.
        task: of scheduler and client, per task.
        error: largest relative difference between a run's processor time and the fit.
    """

    start: float
    copy: float
    shard: float
    task: float
    error: float


def fit(runs: Sequence[RunCost]) -> Fit:
    """Costs that explain the runs: workers spend `start` each, `copy` a copy and `shard` a shard; the process with
    scheduler and client spends a constant, and `task` a task."""
    from scipy.optimize import nnls

    spent = np.array([run.children for run in runs])
    parts = np.array([(run.workers, run.copies, run.shards) for run in runs], dtype=float)
    (start, copy, shard), _ = nnls(parts, spent)
    main = np.array([run.main for run in runs])
    tasks = np.array([(1.0, run.workers, run.tasks) for run in runs])
    found, _ = nnls(tasks, main)
    told = parts @ (start, copy, shard) + tasks @ found
    error = float(np.abs(told / (spent + main) - 1).max())
    return Fit(float(start), float(copy), float(shard), float(found[2]), error)


def measured_run(study: StudySettings, workers: int) -> RunCost:
    """Run a study in a folder that is thrown away."""
    from lrscore.catalogue import find_catalogue
    from lrscore.study.api import run_study
    from lrscore.study.items import items_of
    from lrscore.study.shards import Heading, cut

    items = items_of(study, find_catalogue(), "models.catalogue")
    settings = study.settings[0].values
    groups = settings.grid[0] * settings.grid[1]
    heading = Heading(
        tuple((group,) for group in range(groups)),
        settings.batch_size,
        settings.pilot_samples,
        settings.samples,
    )
    shards = cut(heading, study.shard_copies)
    blocks = len({shard.block for shard in shards})
    tasks = 3 + blocks + len(shards) + sum(_merges(shards, block) for block in range(blocks))
    with tempfile.TemporaryDirectory() as folder:
        started, main, children = time.perf_counter(), time.process_time(), _children()
        outcome = run_study(study, Path(folder) / "study", workers=workers)
        wall = time.perf_counter() - started
        rows = Store(Path(folder) / "study").rows
    assert outcome.done == len(items)
    busy = sum(row["seconds"] + row["certifying_seconds"] for row in rows)
    copies = groups * (settings.pilot_samples + settings.samples)
    counts = (one * len(items) for one in (copies, len(shards), tasks))
    return RunCost(workers, *counts, time.process_time() - main, _children() - children, wall, busy)


def _merges(shards: Sequence[object], block: int) -> int:
    """Steps of the merge trees of a block."""
    from lrscore.study.tasks import FAN_IN

    steps = 0
    for stage in ("pilot", "estimation"):
        left = sum(1 for one in shards if (one.block, one.stage) == (block, stage))  # type: ignore[attr-defined]
        while left > 1:
            full, rest = divmod(left, FAN_IN)
            steps += full + (rest > 1)
            left = full + (rest > 0)
    return steps


def fitted() -> dict[str, object]:
    """The runs, and the costs fitted to them."""
    from lrscore.images.settings import ImageSettings

    settings = ImageSettings(grid=(2, 2), samples=512, pilot_samples=64, batch_size=32)
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(Path(folder), PICTURES, SIZE)
        study = StudySettings(
            data=(folder,), settings=(Setting("one", settings, "street-unet"),), size=None, methods=("naive",)
        )
        measured_run(replace(study, limit=1), 1)  # what this process loads, it loads once
        runs = [
            measured_run(replace(study, shard_copies=copies), workers)
            for copies in COPIES
            for workers in WORKERS
        ]
    return {
        "load": os.getloadavg()[1],
        "runs": [asdict(run) for run in runs],
        "fit": asdict(fit(runs)),
    }


def speedup(pictures: int = 6, samples: int = 640) -> dict[str, object]:
    """Wall seconds of one study by one worker and by two, their start included, and what two cores allow at best.

    That is measured by the same sampling without any engine: by one process, and by two at once that know nothing of
    each other. Cores that share caches and clocks, or that others use as well, do not do twice as much as one. What the
    engine itself loses is seen in the share of their time in which workers are busy.
    """
    from lrscore.images.settings import ImageSettings

    settings = ImageSettings(grid=(2, 2), samples=samples, pilot_samples=64, batch_size=32)
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(Path(folder), pictures, LARGE)
        study = StudySettings(
            data=(folder,), settings=(Setting("one", settings, "street-unet"),), size=None, methods=("naive",)
        )
        one, two = (measured_run(study, workers) for workers in (1, 2))
    alone, beside = (side_by_side(count, settings) for count in (1, 2))
    return {
        "load": os.getloadavg()[0],
        "one worker, seconds": one.wall,
        "two workers, seconds": two.wall,
        "times as fast": one.wall / two.wall,
        "busy share of one worker, of two": (one.share, two.share),
        "times as fast, by their busy shares": 2 * two.share / one.share,
        "plain loop alone, seconds": alone,
        "two plain loops at once, seconds": beside,
        "times as much that two cores do": 2 * alone / beside,
    }


def side_by_side(count: int, settings: ImageSettings) -> float:
    """Seconds until so many processes, each with a picture of its own, have certified it; begun at one moment."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(count + 1), context.Barrier(count + 1)
    processes = [context.Process(target=_certify_one, args=(settings, ready, done)) for _ in range(count)]
    for process in processes:
        process.start()
    ready.wait()
    started = time.perf_counter()
    done.wait()
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    return seconds


def _certify_one(settings: ImageSettings, ready: Barrier, done: Barrier) -> None:
    import torch

    from lrscore.catalogue import find_catalogue
    from lrscore.images.certify import certify_image

    torch.set_num_threads(1)
    model = find_catalogue().load_image_model("street-unet")
    image, generator = torch.rand(3, *LARGE), torch.Generator().manual_seed(0)
    certify_image(model, image, replace(settings, samples=32, pilot_samples=32), generator=generator)
    ready.wait()
    certify_image(model, image, settings, generator=generator)
    done.wait()


def write_pictures(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Pictures of noise as PNG."""
    from PIL import Image

    generator = np.random.default_rng(0)
    for place in range(count):
        pixels = generator.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{place:04d}.png")


def resumed(count: int = RESUMED) -> dict[str, float]:
    """Seconds of `study resume` on the command line where everything is done already."""
    from lrscore.images.settings import ImageSettings
    from lrscore.study.api import run_study

    settings = ImageSettings(grid=(1, 2), samples=16, pilot_samples=8, batch_size=16)
    with tempfile.TemporaryDirectory() as folder:
        pictures, out = Path(folder) / "pictures", Path(folder) / "study"
        pictures.mkdir()
        write_pictures(pictures, count, (16, 24))
        study = StudySettings(
            data=(str(pictures),),
            settings=(Setting("one", settings, "street-unet"),),
            size=None,
            methods=("naive",),
        )
        run_study(study, out, workers=0)
        started, children = time.perf_counter(), _children()
        command = [sys.executable, "-m", "lrscore", "study", "resume", str(out)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        wall = time.perf_counter() - started
    assert f"{count} were done before" in said, said
    return {"certificates": count, "processor seconds": _children() - children, "seconds": wall}


def overhead(pictures: int = 2, samples: int = 256) -> dict[str, float]:
    """Processor seconds of a study on one process, engine and all, and of the plain loop that does the same.

    The loop certifies the same pictures with the same settings, counts the same methods and writes the same files.
    """
    import torch

    from lrscore.catalogue import find_catalogue
    from lrscore.images.certify import certify_image
    from lrscore.images.settings import ImageSettings
    from lrscore.study.api import run_study
    from lrscore.study.image_rows import image_row
    from lrscore.study.items import items_of

    torch.set_num_threads(1)
    settings = ImageSettings(grid=(2, 2), samples=samples, pilot_samples=64)
    sources = tuple(f"scene:{2_000_000 + place}" for place in range(pictures))
    study = StudySettings(data=sources, settings=(Setting("one", settings, "street-unet"),), size=(90, 120))
    catalogue = find_catalogue()
    items = items_of(study, catalogue, "models.catalogue")
    model = catalogue.load_image_model("street-unet")
    generator = torch.Generator().manual_seed(0)
    certify_image(model, catalogue.load_image(sources[0], study.size).image, settings, generator=generator)
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        for item in items:
            loaded = catalogue.load_image(item.source, study.size)
            certificate = certify_image(model, loaded.image, settings, generator=generator)
            certificate = certificate.with_reference(loaded.reference)
            _, curve = image_row(item, certificate)
            replace(certificate, curves=(curve,)).save(Path(folder) / item.file)
        loop = time.process_time() - started
        started = time.process_time()
        run_study(study, Path(folder) / "study", workers=0)
        engine = time.process_time() - started
    return {"plain loop, seconds": loop, "study, seconds": engine, "overhead": engine / loop - 1}


def recounted(pictures: int = 20) -> dict[str, float]:
    """Processor seconds of a study for each certificate: sampled, and counted by another method from its files; from
    files that the table knows, and where it is lost, so that they have to verify in full."""
    from lrscore.images.settings import ImageSettings
    from lrscore.study.api import run_study

    settings = ImageSettings(grid=(2, 2), samples=64, pilot_samples=32)
    sources = tuple(f"scene:{2_000_000 + place}" for place in range(pictures))
    study = StudySettings(
        data=sources,
        settings=(Setting("one", settings, "street-unet"),),
        size=SIZE,
        methods=("envelope",),
    )
    late = replace(study, methods=("naive", "envelope"))
    spent = {}
    with tempfile.TemporaryDirectory() as folder:
        known, lost = Path(folder) / "known", Path(folder) / "lost"
        for what, asked, out in (
            ("sampled", study, known),
            ("counted from files of the table", late, known),
            ("counted from files that have to verify", late, lost),
        ):
            if asked is late and not lost.exists():
                shutil.copytree(known, lost)
                (lost / TABLE).unlink()
            started = time.process_time()
            outcome = run_study(asked, out, workers=0)
            spent[what] = (time.process_time() - started) / pictures
            assert outcome.done == pictures
        assert Store(known).told()["copies"] == Store(lost).told()["copies"] == 0
    return {f"{what}, seconds a certificate": seconds for what, seconds in spent.items()}


def _children() -> float:
    """Processor seconds of the processes that this one began and saw end."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    steps: dict[str, Callable[[], Mapping[str, object]]] = {
        "fit": fitted,
        "overhead": overhead,
        "speedup": speedup,
        "resume": resumed,
        "recount": recounted,
    }
    parser.add_argument("step", choices=steps)
    print(json.dumps(steps[parser.parse_args(arguments).step](), indent=1))


if __name__ == "__main__":
    main()
