"""Counts that certificate files hold already: another method or another way to read them needs no sampling.

Counts are known by `Item.counted`, a digest of files, weights, noise, seed and how the work was cut, never by names.

*What has to hold of a file, and what not.* A certificate made from counts takes from the file its counts and what the
pilot chose, and nothing else: bounds, thresholds, weights, curves and their proofs are derived anew, whatever the file
says of them (`Certificate.from_record`), and the new file proves them. So these counts have to be those that were drawn
for this item. That can not be seen in a file: one with invented counts verifies as well, since verifying compares a
file with its own counts. It is known by the digest that the study's table noted when the file was written: a file of
that digest is what was written then, byte by byte, and to prove its curves once more would add nothing. Of a file
without a digest (the table is lost, or the run was killed between file and row) only the file itself can tell that it
is whole: it is verified in full, as before it is taken into the table. In both cases its settings have to draw what
the item draws, and its picture or graph has to be the item's (`is_about`): a heading alone is not believed.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
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


@dataclass(frozen=True)
class Counts:
    """A certificate file that says that it holds the counts of an item.

    Args:
        path: of the file.
        digest: its SHA-256 as the table tells it; "" for a file that the table does not know.
    """

    path: Path
    digest: str = ""

    def content(self) -> bytes:
        """What `recalled` takes.

        Raises:
            CountsError: the file is gone, has become a link, or is not the one that the table knows.
        """
        try:
            if self.path.is_symlink():
                raise CountsError(f"{self.path.name} is a link")
            content = self.path.read_bytes()
        except OSError as error:
            raise CountsError(f"{self.path.name} can not be read: {error.strerror or error}") from error
        if self.digest and hashlib.sha256(content).hexdigest() != self.digest:
            raise CountsError(f"{self.path.name} is not the file that was written: its digest differs")
        return content


def files_with_counts(
    folder: Path, todo: Iterable[Item], done: Iterable[Item], digests: Mapping[str, str]
) -> dict[str, Counts]:
    """Certificate files of a folder that say that they hold the counts of an item, by the item's key.

    Of several, one is taken that knows of the item's promise: then nothing is chosen late. Of several such, one that
    the table knows: it need not verify. Items of which files or weights are known by name alone have none.

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
    found: dict[str, tuple[tuple[bool, bool], Counts]] = {}
    for path in sorted(folder.glob("*.nc")):
        if path.name in known and known[path.name] not in wanted:
            continue
        told = _told(path)
        alike = wanted.get(told.get("study_counts", ""), [])
        counts = Counts(path, digests.get(path.name, ""))
        if alike and path.name in digests and digest_of_file(path) != counts.digest:
            continue
        for item in alike:
            rank = item.setting.plan in _plans(told), bool(counts.digest)
            if item.key not in found or rank > found[item.key][0]:
                found[item.key] = rank, counts
    return {key: counts for key, (_, counts) in found.items()}


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


def recalled(item: Item, content: bytes, *, written: bool) -> Certificate:
    """The item's certificate from the counts of another one, without curves.

    Unless it stood in the study when the counts were drawn, how it shares confidence was chosen after they were there:
    where that differs from the other one, it is an exploration (docs/theory.md, 3.6). Methods, budgets and Rényi orders
    may be chosen late at no cost.

    Args:
        content: of the other one's file.
        written: whether its digest is the one that was noted when the counts were drawn; else it has to verify.

    Raises:
        CountsError: it does not, is no certificate, or has other counts than the item's.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "counts.nc"
            path.write_bytes(content)
            if not written:
                verify_file(path)
            found = load_certificate(path)
    except (LrscoreError, OSError) as error:
        raise CountsError(first_line(error)) from error
    if found.provenance.get("study_counts") != item.counted or not _drawn_alike(found, item):
        raise CountsError("the certificate has other counts")
    told: Any = replace(
        found,  # type: ignore[type-var]
        settings=replace(item.setting.values, explored=_explored(found, item)),
        provenance={**found.provenance, **item.told},
        reference=None,
        **{one.name: () for one in fields(found) if one.name in _GONE},  # type: ignore[arg-type]
    )
    return told


def _drawn_alike(found: Certificate, item: Item) -> bool:
    """Whether the settings of a certificate draw, and count, what an item's do."""
    setting = replace(item.setting, values=replace(found.settings, explored=item.setting.values.explored))
    return (setting.sampling, setting.reading) == (item.setting.sampling, item.setting.reading)


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
