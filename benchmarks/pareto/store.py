"""Results as JSON lines, one finished (image, run) a line: a stopped experiment continues after its last line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.pareto.measure import Picture, Row, measure
from benchmarks.pareto.network import SharedPasses
from benchmarks.pareto.plan import Plan, Run
from lrscore.images.baselines import CenterSettings


def work_key(digest: str, picture: Picture, run: Run, plan: Plan) -> str:
    """Identifies a piece of work: model, image, its size, settings, and what matters to how the run is counted."""
    counted: tuple[object, ...] = (plan.epsilon_max, plan.epsilons, plan.epsilon_far, plan.epsilons_far)
    if not isinstance(run.settings, CenterSettings):
        own = plan.taus if run.family == "isotropic" else (plan.collective, plan.nodes)
        counted += (plan.tolerated, own)
    return _hash(digest, picture, run, (run.cost, counted))


def sample_key(digest: str, picture: Picture, run: Run) -> str:
    """Identifies the samples alone: a stored certificate can be counted by other methods later."""
    return _hash(digest, picture, run, ())


def _hash(digest: str, picture: Picture, run: Run, more: tuple[object, ...]) -> str:
    facts = (digest, picture.dataset, picture.name, picture.mask.shape, run.key, *more)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def finished(path: Path) -> dict[str, list[Row]]:
    """The rows of every finished piece of work; a last line that was cut off is left out."""
    found: dict[str, list[Row]] = {}
    if not path.is_file():
        return found
    for line in path.read_text().splitlines():
        try:
            record = json.loads(line)
        except ValueError:  # the process died while it wrote
            continue
        found[record["key"]] = [_row(stored) for stored in record["rows"]]
    return found


def _row(stored: dict[str, Any]) -> Row:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return Row(**values)


def complete(
    models: Mapping[str, Any],
    pictures: Iterable[Picture],
    planned: list[Run],
    plan: Plan,
    path: Path,
    *,
    device: str = "cpu",
    report: Callable[[str], object] = print,
) -> list[Row]:
    """Do what is not done yet, and return all rows of these pictures and runs.

    Rows go to `path`, certificates to the folder `certificates` beside it. Several processes may share both, each with
    pictures of its own.

    Args:
        models: by `Run.network`.
    """
    done, rows = finished(path), []
    path.parent.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        passes = None
        for run in planned:
            model = models[run.network]
            digest = digest_of(model)
            if run.shared_passes is None or run.shared_passes != passes:
                shared, passes = SharedPasses(model), run.shared_passes
            key = work_key(digest, picture, run, plan)
            if key not in done:
                stored = path.parent / "certificates" / f"{sample_key(digest, picture, run)}.nc"
                used = model if passes is None else shared
                done[key] = measure(used, picture, run, plan, stored, device)
                record = {"key": key, "rows": [row.to_dict() for row in done[key]]}
                line = "\n" * _cut_off(path) + json.dumps(record) + "\n"
                with path.open("ab", buffering=0) as file:
                    file.write(line.encode())  # in one piece, so that lines of two processes do not mix
                report(f"{picture.dataset} {picture.name}: {run.family} {run.name}, {run.cost}")
            rows += done[key]
    return rows


def digest_of(model: Any) -> str:
    """What a model is known by; empty if it has no digest."""
    return str(getattr(model, "digest", ""))


def _cut_off(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) != b"\n"
