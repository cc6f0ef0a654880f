"""Certificates with equal settings and model, made for several pictures, are one set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lrscore.images.settings import ImageSettings
from ui.compare.headers import Header
from ui.library.bundled import title_of
from ui.library.entries import SHELF_WORDS, Entry

PREFIX = "set:"

LOCALIZED, STRICT, ISOTROPIC = "localized", "strictly local", "isotropic"
TWO_VIEWS = "two views"


@dataclass(frozen=True)
class Choice:
    """Something that can be compared: one file, or a set of files.

    Args:
        identity: names it in links: that of the file, or `set:` and the recipe.
        title: settings in short, and for one file the picture.
        header: of the file, or of the set's first one.
        members: the file of every picture.
    """

    identity: str
    title: str
    header: Header
    members: dict[str, Entry]

    @property
    def settings(self) -> ImageSettings:
        """How all of it was certified."""
        assert self.header.settings is not None
        return self.header.settings


def single_choices(entries: Iterable[Entry], header_of: Callable[[Entry], Header | None]) -> list[Choice]:
    """Every image certificate by itself, in the order of the library."""
    found = []
    for entry in entries:
        header = header_of(entry)
        if header is not None and header.settings is not None:
            name = entry.name or title_of(header.title)
            title = f"{name} · {recipe_words(header.settings)} · {SHELF_WORDS[entry.shelf]}"
            found.append(Choice(entry.identity, title, header, {header.picture: entry}))
    return found


def set_choices(entries: Iterable[Entry], header_of: Callable[[Entry], Header | None]) -> list[Choice]:
    """All sets, the largest first. Of several files of one picture the first one of the library counts."""
    groups: dict[str, tuple[Header, dict[str, Entry]]] = {}
    for entry in entries:
        header = header_of(entry)
        if header is not None and header.settings is not None:
            _, members = groups.setdefault(header.recipe, (header, {}))
            members.setdefault(header.picture, entry)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1][1]))
    return [
        Choice(
            PREFIX + recipe,
            f"{recipe_words(header.settings)} · {header.model} · {pictures_words(len(members))}",
            header,
            members,
        )
        for recipe, (header, members) in ordered
        if header.settings is not None
    ]


def common_pictures(chosen: Sequence[Choice]) -> list[str]:
    """Pictures that all of them have, in the order of the first one."""
    if not chosen:
        return []
    return [picture for picture in chosen[0].members if all(picture in other.members for other in chosen)]


def family(settings: ImageSettings) -> str:
    """Which kind of smoothing the settings are."""
    if settings.grid == (1, 1) and not settings.two_views:
        return ISOTROPIC
    kind = LOCALIZED if bool(np.isfinite(settings.noise_levels()).all()) else STRICT
    return f"{kind}, {TWO_VIEWS}" if settings.two_views else kind


def levels_words(settings: ImageSettings) -> str:
    """The noise levels in short."""
    return settings.levels_in_words() + (" edited" if settings.levels is not None else "")


def recipe_words(settings: ImageSettings) -> str:
    """Family, grid, noise, levels, samples: one line for lists."""
    rows, cols = settings.grid
    parts = [
        family(settings) if settings.grid == (1, 1) else f"{family(settings)} {rows}×{cols}",
        f"{settings.noise} {levels_words(settings)}",
        f"{settings.samples:,} samples",
    ]
    return " · ".join([*parts, settings.correction] if settings.correction != "bonferroni" else parts)


def pictures_words(count: int) -> str:
    """How many pictures."""
    return "1 picture" if count == 1 else f"{count:,} pictures"
