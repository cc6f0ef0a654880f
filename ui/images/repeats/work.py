"""Certify a picture again with other seeds, and say how far the proven counts lie apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jobs import JobHandle
from jobs.job import Work
from jobs.sequence import in_sequence
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from ui.images.runs import RunRequest, certification_work
from ui.images.sources import Source
from ui.images.states import Count, counted_pixels
from ui.running.found_store import FoundStore
from ui.running.machine import ModelShelf, Pacemaker


@dataclass(frozen=True, eq=False)
class Repeat:
    """One more certificate of the same picture and settings."""

    seed: int
    certificate: ImageCertificate


@dataclass(frozen=True)
class Spread:
    """Proven counts of several seeds at one budget."""

    counts: tuple[int, ...]

    @property
    def mean(self) -> float:
        """Their mean."""
        return sum(self.counts) / len(self.counts)

    @property
    def lowest(self) -> int:
        """The smallest count."""
        return min(self.counts)

    @property
    def highest(self) -> int:
        """The largest count."""
        return max(self.counts)


class RepeatStore(FoundStore[Repeat]):
    """Certificates by seed; they are large, so only a few are kept."""

    def __init__(self, capacity: int = 12) -> None:
        super().__init__(lambda repeat: repeat.seed, lambda repeat: 0, capacity)


def other_seeds(first: int, count: int, known: Sequence[int] = ()) -> list[int]:
    """So many seeds after `first` that are not among the known ones."""
    seeds: list[int] = []
    seed = first
    while len(seeds) < count:
        seed += 1
        if seed not in known:
            seeds.append(seed)
    return seeds


def repeat_work(
    source: Source,
    settings: ImageSettings,
    seeds: Sequence[int],
    model: str,
    shelf: ModelShelf,
    pacemaker: Pacemaker,
    keep: Callable[[Repeat], None],
) -> Work:
    """A job that certifies with one seed after the other and hands each certificate over as it is made."""

    def stage(seed: int) -> tuple[int, Work]:
        run = RunRequest(source, settings, seed, model)
        certify = certification_work(run, shelf, pacemaker)

        def work(handle: JobHandle) -> int:
            keep(Repeat(seed, certify(handle)))
            return seed

        return run.work, work

    return in_sequence([stage(seed) for seed in seeds])


def proven_count(certificate: ImageCertificate, epsilon: float, count: Count) -> int:
    """The certified count at a budget, by the envelope."""
    budget = np.array([certificate.noise.budget(epsilon)])
    return int(certificate.collective(budget, "envelope", counted_pixels(certificate, count)).certified[0])


def spread_of(certificates: Sequence[ImageCertificate], epsilon: float, count: Count) -> Spread:
    """The proven counts of several certificates at a budget."""
    return Spread(tuple(proven_count(certificate, epsilon, count) for certificate in certificates))
