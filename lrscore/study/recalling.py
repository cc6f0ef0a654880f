"""Counts that certificate files hold already: another method or another way to read them needs no sampling.

Counts are known by `Item.counted`, a digest of files, weights, noise, seed and how the work was cut, never by names.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from lrscore.certificate import Certificate
from lrscore.errors import LrscoreError, first_line
from lrscore.files import load_certificate
from lrscore.provenance import digest_of_file
from lrscore.records import read_heading
from lrscore.study.items import Item
from lrscore.study.settings import PLAN
from lrscore.verify import verify_file

_GONE = ("curves", "correct_curves", "targeted")


class CountsError(LrscoreError):
    """A certificate file does not hold the counts that it was taken for."""


def files_with_counts(
    folder: Path, todo: Iterable[Item], done: Iterable[Item], digests: Mapping[str, str]
) -> dict[str, Path]:
    """Certificate files of a folder that say that they hold the counts of an item, by the item's key.

    Of several, one is taken that knows of the item's promise: then nothing is chosen late. Items of which files or
    weights are known by name alone have none.

    Args:
        folder: of the study.
        todo: items without a certificate.
        done: items whose certificates are in the folder.
        digests: of files by their names, as far as they are known: one that has changed is not used.
    """
    wanted: dict[str, list[Item]] = {}
    for item in todo:
        if item.known and item.setting.kind != "center":
            wanted.setdefault(item.counted, []).append(item)
    if not wanted:
        return {}
    known = {item.file: item.counted for item in done}
    found: dict[str, tuple[bool, Path]] = {}
    for path in sorted(folder.glob("*.nc")):
        if path.name in known and known[path.name] not in wanted:
            continue
        told = _told(path)
        alike = wanted.get(told.get("study_counts", ""), [])
        if alike and path.name in digests and digest_of_file(path) != digests[path.name]:
            continue
        for item in alike:
            fit = item.setting.plan in _plans(told)
            if item.key not in found or fit > found[item.key][0]:
                found[item.key] = fit, path
    return {key: path for key, (_, path) in found.items()}


def _told(path: Path) -> dict[str, str]:
    """The provenance that a file tells; nothing if it can not be read."""
    if path.is_symlink() or not path.is_file():
        return {}
    try:
        told = json.loads(read_heading(path).texts["provenance"])
        return {str(name): str(value) for name, value in told.items()}
    except (LrscoreError, OSError, ValueError, LookupError, AttributeError):
        return {}


def _plans(provenance: Mapping[str, str]) -> list[str]:
    """What was planned when the counts were drawn."""
    return provenance.get("study_plans", "").split()


def content_of(path: Path) -> bytes:
    """What `recalled` takes.

    Raises:
        CountsError: the file is gone, or has become a link.
    """
    try:
        if path.is_symlink():
            raise CountsError(f"{path.name} is a link")
        return path.read_bytes()
    except OSError as error:
        raise CountsError(f"{path.name} can not be read: {error.strerror or error}") from error


def recalled(item: Item, content: bytes) -> Certificate:
    """The item's certificate from the counts of another one, without curves.

    Unless it stood in the study when the counts were drawn, how it shares confidence was chosen after they were there:
    where that differs from the other one, it is an exploration (docs/theory.md, 3.6). Methods, budgets and Rényi orders
    may be chosen late at no cost.

    Args:
        content: of the other one's file. It has to verify.

    Raises:
        CountsError: it does not, or has other counts than the item's.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "counts.nc"
            path.write_bytes(content)
            verify_file(path)
            found = load_certificate(path)
    except (LrscoreError, OSError) as error:
        raise CountsError(first_line(error)) from error
    if found.provenance.get("study_counts") != item.counted:
        raise CountsError("the certificate has other counts")
    told: Any = replace(
        found,  # type: ignore[type-var]
        settings=replace(item.setting.values, explored=_explored(found, item)),
        provenance={**found.provenance, **item.told},
        reference=None,
        **{one.name: () for one in fields(found) if one.name in _GONE},  # type: ignore[arg-type]
    )
    return told


def _explored(found: Certificate, item: Item) -> tuple[str, ...]:
    """Which settings of an item were chosen after the counts of this certificate were there."""
    before, values = found.settings, item.setting.values
    if item.setting.plan in _plans(found.provenance):
        return tuple(values.explored)
    changed = {name for name in PLAN if getattr(values, name, None) != getattr(before, name, None)}
    if values.tolerated in before.offered and not changed & {"offered", "correction"}:
        changed -= {"tolerated"}  # paid for
    # Another list of the values that `tolerated` may be chosen from is another choice of it
    changed = {"tolerated" if name == "offered" else name for name in changed}
    return tuple(sorted({*changed, *before.explored, *values.explored}))
