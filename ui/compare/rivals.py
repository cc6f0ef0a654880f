"""Certify what is missing in a comparison: other settings, the same pictures, and (nearly always) the same model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from jobs import JobHandle, JobSnapshot
from jobs.job import Work
from jobs.sequence import in_sequence
from lrscore.errors import Cancelled, CertificateFileError, InputError
from lrscore.files import load_certificate
from lrscore.images.baselines import isotropic_settings
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.images.windows import View
from lrscore.standing import Standing
from lrscore.unfinished import cut_off
from models.segmentation.names import ISOTROPIC_MODEL, TWO_VIEW_MODEL, VIEWS_MODEL
from ui.compare.sets import Choice, Header, pictures_words, recipe_words
from ui.compare.unfinished import Ledger, RivalPlan, planned, stage_file
from ui.images.branch_and_bound.work import SharpPoint, search_work, spread_budgets
from ui.images.curves import compute_curves
from ui.images.runs import RunRequest, certification_work, pass_cost, work_of
from ui.images.sources import source_of_certificate
from ui.images.states import Count
from ui.library.entries import Entry
from ui.running.machine import ModelShelf, Pacemaker
from ui.running.page_job import PageJob
from ui.style.words import duration

RIVALS = {
    "equal-cost": "the isotropic rival (equal cost)",
    "equal-samples": "the isotropic rival (equal samples)",
    "strict": "the strictly local rival",
    "levels": "other localized levels",
}
_BLANK_FROM = 2  # grid distance from which the strictly local rival sees nothing


@dataclass(frozen=True)
class Rival:
    """What is to be certified.

    Args:
        header: of the set or file that it rivals, with the rival's settings: names its recipe.
        settings: of the rival.
        members: files that hold the pictures, one for each picture that lacks the rival.
    """

    header: Header
    settings: ImageSettings
    members: tuple[Entry, ...]

    @property
    def passes(self) -> int:
        """Forward passes for one picture, in passes of the usual network."""
        return work_of(self.settings)

    @property
    def title(self) -> str:
        """One line for the list of runs."""
        return f"{recipe_words(self.settings)} · {pictures_words(len(self.members))}"


def rival_settings(kind: str, settings: ImageSettings, low: float, high: float) -> ImageSettings:
    """The settings of a rival of that kind.

    Args:
        kind: key of `RIVALS`.
        settings: what is rivalled; noise, alpha and correction are kept.
        low, high: noise levels; `high` only matters to localized ones.

    Raises:
        SettingsError: a level is out of range.
    """
    if kind in ("equal-cost", "equal-samples"):
        if kind == "equal-cost":
            cost = pass_cost(settings)
            settings = replace(
                settings,
                pilot_samples=ceil(cost * settings.pilot_samples),
                samples=ceil(cost * settings.samples),
            )
        return isotropic_settings(settings, low, equal_cost=kind == "equal-cost")
    if settings.views is not None:
        return with_levels_of_views(settings, low, math.inf if kind == "strict" else high)
    blank = (1 if settings.two_views else _BLANK_FROM) if kind == "strict" else None
    high = low if kind == "strict" else high
    return replace(settings, level_min=low, level_max=high, levels=None, mask_distance=blank)


def with_levels_of_views(settings: ImageSettings, low: float, high: float) -> ImageSettings:
    """Views from the level `low` of the finest to `high` of those of the whole picture, others in between as before.

    Args:
        high: `inf` blanks the views of the whole picture.
    """
    views = settings.all_views() or ()
    finest, roughest = settings.level_min, settings.level_max
    span = math.log(roughest / finest) or 1.0
    top = low * roughest / finest if math.isinf(high) else high

    def moved(view: View) -> float:
        if view.blank or (math.isinf(high) and view.window is None):
            return math.inf
        share = math.log(view.level / finest) / span
        return low * (top / low) ** share

    return replace(settings, views=tuple((view.window, moved(view)) for view in views))


def missing_rival(
    choice: Choice, settings: ImageSettings, others: Sequence[Choice], pictures: Sequence[str]
) -> Rival:
    """The rival for those of the pictures that no set of `others` with these settings has yet, complete.

    It has the same weights, with one exception: the isotropic rival of a network of two views, which sees no whole
    picture well, is the network that was trained for isotropic noise.
    """
    header = replace(choice.header, settings=replace(settings, batch_size=None))
    if header.model in (TWO_VIEW_MODEL, VIEWS_MODEL) and settings.all_views() is None:
        from models.segmentation.names import bundled_digest

        header = replace(header, model=ISOTROPIC_MODEL, digest=bundled_digest(ISOTROPIC_MODEL))
    done: set[str] = set()
    for other in others:
        if other.header.recipe == header.recipe:
            done |= other.members.keys() - other.stopped.keys()
    members = tuple(choice.members[picture] for picture in pictures if picture not in done)
    return Rival(header, settings, members)


def rival_work(
    rival: Rival, model: str, shelf: ModelShelf, pacemaker: Pacemaker, folder: Path, first: int = 0
) -> Work:
    """One job for all pictures; each one's certificate is stored as soon as it is finished.

    A job that was cut off goes on: in its place, what is left of it is certified, the picture that was under way from
    where it stood.

    Args:
        model: what the shelf loads; the name in the header is a file's, and no file chooses what is loaded.
        first: number of the first picture, where those before have been certified.
    """
    entries = [entry.identity for entry in rival.members]
    plan = RivalPlan(first, rival.settings, rival.header.model, rival.header.digest, tuple(entries))

    def work(handle: JobHandle) -> Any:
        with planned(folder, handle, plan) as ledger:
            stages = [
                (rival.passes, partial(stage, number, entry, ledger))
                for number, entry in enumerate(rival.members, first)
            ]
            return in_sequence(stages, first)(handle)

    def stage(number: int, entry: Entry, ledger: Ledger, handle: JobHandle) -> str:
        file = stage_file(folder, handle.identity.removesuffix(f"-{number}"), number)
        left = cut_off(file)
        if left is not None or not file.is_file():
            begin = None if left is None else left.standing
            _certify(entry, handle, rival, model, shelf, pacemaker, folder, begin)
        ledger.ended(number)
        return handle.identity

    return work


def search_sets_work(
    entries: Sequence[Entry],
    count: Count,
    budgets: int,
    keep: Callable[[Entry, ImageSettings, SharpPoint], None],
) -> Work:
    """One job that searches every file at that many budgets, by branch and bound, and hands each point over."""
    return in_sequence([(budgets, partial(_search, entry, count, budgets, keep)) for entry in entries])


def _certify(
    entry: Entry,
    handle: JobHandle,
    rival: Rival,
    load: str,
    shelf: ModelShelf,
    pacemaker: Pacemaker,
    folder: Path,
    begin: Standing | None,
) -> None:
    certificate = _loaded(entry)
    model = shelf.get(load, handle.device)
    digest: Any = getattr(model, "digest", "")
    if digest != rival.header.digest:
        raise InputError(
            f"the model {rival.header.model!r} has other weights than when {entry.path.name} was made: "
            "a rival made now would not be comparable"
        )
    seed = certificate.provenance.get("seed", "")
    request = RunRequest(
        source_of_certificate(certificate),
        rival.settings,
        int(seed) if seed.isdecimal() else 0,
        load,
        folder,
        begin,
    )
    certification_work(request, shelf, pacemaker)(handle)


def _search(
    entry: Entry,
    count: Count,
    budgets: int,
    keep: Callable[[Entry, ImageSettings, SharpPoint], None],
    handle: JobHandle,
) -> int:
    certificate = _loaded(entry)
    if handle.cancelled():
        raise Cancelled
    curves = compute_curves(certificate, count)
    indices = spread_budgets(curves, budgets)
    return search_work(certificate, curves, count, indices, partial(keep, entry, certificate.settings))(
        handle
    )


def _loaded(entry: Entry) -> ImageCertificate:
    certificate = load_certificate(entry.path)
    if not isinstance(certificate, ImageCertificate):
        raise CertificateFileError(f"{entry.path.name} is no certificate of an image")
    return certificate


SEARCH = "Branch and bound"
"""Title of a search."""


def job_of(job: JobSnapshot | None) -> PageJob:
    """How that run speaks."""
    return SEARCHING if job is not None and job.title == SEARCH else CERTIFYING


def _done_text(job: JobSnapshot) -> str:
    return f"{pictures_words(len(job.result)).capitalize()} certified in {duration(job.elapsed)}."


def _kept_text(job: JobSnapshot) -> str:
    return (
        f"{pictures_words(len(job.partial)).capitalize()} certified until then: kept." if job.partial else ""
    )


CERTIFYING = PageJob("compare_job", done=_done_text, kept=_kept_text)
SEARCHING = PageJob(
    "compare_job",
    unit="budgets",
    done=lambda job: "Searched.",
    kept=lambda job: "What was proven is kept.",
)
