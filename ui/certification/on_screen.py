"""Which certificate is on screen, and how far it answers what the controls ask for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, TypeVar

from lrscore.graphs.settings import GraphSettings
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.statistics import SEQUENTIAL

Origin = Literal["bundled", "run", "partial"]
Settings = TypeVar("Settings", ImageSettings, GraphSettings)

_FROM_COUNTS = ("alpha", "correction", "tolerated")
# Of focus it matters whether there is any, see below; how settings were chosen is said with the claim
_IRRELEVANT = ("batch_size", "focus", "tolerance", "offered", "explored")
_OVERRIDDEN = (  # by levels
    "level_min",
    "level_max",
    "interpolation",
    "per_group",
    "flip_to_one",
    "flip_to_zero",
    "falloff",
)
_LIVE = "anytime"

_WORDS = {
    "grid": "grid",
    "noise": "noise",
    "level_min": "nearest level",
    "level_max": "farthest level",
    "levels": "edited levels",
    "mask_distance": "blanked regions",
    "pilot_samples": "pilot samples",
    "samples": "samples",
    "interpolation": "interpolation",
    "per_group": "normalisation",
    "alpha": "alpha",
    "correction": "correction",
    "tolerated": "k",
    "two_views": "two views",
    "views": "views",
    "edge_levels": "edited levels of edges",
    "hierarchy": "coarse labels",
    "runner_up": "bounds on rivals",
}


@dataclass(frozen=True, eq=False)
class Shown:
    """The certificate on screen.

    Args:
        certificate: what every number on screen comes from.
        key: names certificate and counts in caches.
        origin: where it comes from.
        asked: settings the controls ask for that it does not have, in words; empty if it answers them all.
        otherwise: settings that differ although it answers: it was made with more than was asked for.
    """

    certificate: ImageCertificate
    key: str
    origin: Origin
    asked: tuple[str, ...]
    otherwise: tuple[str, ...] = ()


def choose_settings(certificate: ImageCertificate, requested: ImageSettings) -> ImageSettings:
    """The settings to show a certificate under: as requested where its counts allow it, else its own.

    Alpha and correction only share confidence among outputs and need no new samples, provided that the number of
    samples was fixed beforehand: a run that was stopped early keeps the correction that allowed it to stop. Where looks
    are asked for ("anytime") and all samples are there at once, no look is needed: plain Bonferroni claims more. A run
    with looks may have stopped anywhere, and keeps its looks under any alpha and k. What differs from the plan that was
    made before sampling is an exploration and named in `explored`, except for a k that shares alpha with the plan's.
    """
    own = certificate.settings
    if unanswered(own, requested, ignore=_FROM_COUNTS):
        return own
    if own.correction == requested.correction in SEQUENTIAL:
        return own.reconsidered(alpha=requested.alpha, tolerated=requested.tolerated)
    complete = int(certificate.trials.min()) == own.samples
    if not complete or own.correction in SEQUENTIAL:
        return own
    if requested.correction == _LIVE:
        return own.reconsidered(alpha=requested.alpha, correction="bonferroni", tolerated=1)
    if requested.correction not in SEQUENTIAL:
        return own.reconsidered(**{name: getattr(requested, name) for name in _FROM_COUNTS})
    return own


def unanswered(own: ImageSettings, requested: ImageSettings, ignore: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Names, in words, of what the controls ask for and a certificate with its own settings does not give.

    More than was asked for is an answer: labels by a larger pilot, or samples that needed no looks.
    """
    if own.pilot_samples >= requested.pilot_samples:
        ignore = (*ignore, "pilot_samples")
    if (own.correction, requested.correction) == ("bonferroni", _LIVE):
        ignore = (*ignore, "correction", "tolerated")
    return differing(own, requested, ignore)


def differing(own: Settings, requested: Settings, ignore: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Names, in words, of the settings that differ and matter."""
    if own.levels is not None and own.levels == requested.levels:
        ignore = (*ignore, *_OVERRIDDEN)
    names: list[str] = [
        _WORDS.get(field.name, field.name.replace("_", " "))
        for field in fields(own)
        if field.name not in (*_IRRELEVANT, *ignore)
        and getattr(own, field.name) != getattr(requested, field.name)
    ]
    adaptive = [bool(getattr(settings, "focus", ())) for settings in (own, requested)]
    if adaptive[0] != adaptive[1]:
        names.append("adaptive sampling")
    return tuple(names)
