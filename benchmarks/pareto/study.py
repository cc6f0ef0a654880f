"""The comparison as a study: every run is a setting, and its rows are read from the study's table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.pareto.plan import Plan, Run, runs
from benchmarks.pareto.rows import Picture, Row
from lrscore.images.settings import ImageSettings
from lrscore.metrics import VOID
from lrscore.study.items import Item
from lrscore.study.rows import CORRECT, DONE
from lrscore.study.settings import SEGCERTIFY, Setting, StudySettings

_COUNT_LEVEL = ", count-level"


def study_of(
    plan: Plan, pictures: Sequence[Picture], models: Mapping[str, str], device: str = "cpu"
) -> StudySettings:
    """Every picture under every run, and under its count-level correction, which shares the run's samples.

    Args:
        pictures: of one size.
        models: names by `Run.network`.
    """
    taus = [f"{SEGCERTIFY}:{tau:g}" for tau in plan.taus]
    return StudySettings(
        data=tuple(picture.source for picture in pictures),
        settings=tuple(
            Setting(name, values, models[run.network])
            for run in runs(plan)
            for name, _, values in _settings(run, plan, pictures[0].mask.size)
        ),
        title="localized smoothing and its baselines",
        size=None,
        methods=tuple(dict.fromkeys((*taus, "naive", *plan.collective))),
        budgets=tuple(plan.norms.tolist()),
        boxes=plan.nodes,
        device=device,
    )


def rows_of(
    found: Sequence[dict[str, Any]], items: Sequence[Item], plan: Plan, pictures: Sequence[Picture]
) -> tuple[list[Row], int]:
    """The rows of the pictures on which every run is done, and how many pictures these are.

    A picture on which some runs are missing would count for some methods only.

    Args:
        found: rows of the study's table.
        items: of the study that `study_of` makes; rows of other settings or models do not count.
    """
    keys = {row["key"]: row for row in found if row["status"] == DONE}
    done = {(item.source, item.setting.name): keys.get(item.key) for item in items}
    rows, whole = [], 0
    for picture in pictures:
        own = [
            (run, suffix, done.get((picture.source, name)))
            for run in runs(plan)
            for name, suffix, _ in _settings(run, plan, picture.mask.size)
        ]
        if any(row is None for _, _, row in own):
            continue
        whole += 1
        for run, suffix, row in own:
            assert row is not None
            rows += list(_rows(run, suffix, row, plan, picture))
    return rows, whole


def _settings(run: Run, plan: Plan, pixels: int) -> Iterator[tuple[str, str, Any]]:
    """Name, suffix and values of a run's settings."""
    name = f"{run.family}; {run.name}; {run.cost}"
    yield name, "", run.settings
    tolerated = round(plan.tolerated * pixels)
    if isinstance(run.settings, ImageSettings) and tolerated > 1:
        values = replace(run.settings, correction="count-level", tolerated=tolerated)
        yield f"{name}{_COUNT_LEVEL}", _COUNT_LEVEL, values


def _rows(run: Run, suffix: str, row: Mapping[str, Any], plan: Plan, picture: Picture) -> Iterator[Row]:
    for name, method in _methods(run, suffix, plan):
        own = f"_{method}" if f"hit_{method}" in row else ""
        counts = {one: _padded(row[f"{one}{own}"]) for one in ("hit", "true", "predicted")}
        yield Row(
            method=f"{name}, {run.cost}",
            setting=run.name,
            dataset=picture.dataset,
            image=picture.name,
            passes=run.forward_passes,
            seconds=round(row["seconds"], 3),
            labelled=row["labelled"],
            certified=tuple(row[f"{CORRECT}{method}"]),
            **counts,
        )


def _methods(run: Run, suffix: str, plan: Plan) -> Iterator[tuple[str, str]]:
    """What a run's rows are called here, and which of the table's methods counts them."""
    if not isinstance(run.settings, ImageSettings):
        yield run.family, "center"
    elif run.family == "isotropic":
        yield f"isotropic, adaptive radii{suffix}", "naive"
        for tau in () if suffix else plan.taus:  # SegCertify brings a correction of its own
            yield f"SegCertify, tau {tau:g}", f"{SEGCERTIFY}:{tau:g}"
    else:
        for method in plan.collective:
            yield f"{run.family}, {method}{suffix}", method


def _padded(counts: Sequence[int]) -> tuple[int, ...]:
    """One length for all: tables leave out classes that do not occur."""
    return (*counts, *(0,) * (VOID - len(counts)))
