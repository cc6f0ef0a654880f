"""What a job that certifies rivals leaves while it lasts: which pictures it has yet to certify, and how.

The pictures that are finished are in the library, the standing of the one that was under way lies beside its place
(`lrscore.unfinished`); this is the rest. Nothing in it is trusted more than a file from anybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jobs import JobHandle
from lrscore.atomic import write_bytes
from lrscore.errors import InputError, LrscoreError
from lrscore.images.settings import ImageSettings
from lrscore.plain_text import parse_json
from lrscore.unfinished import forget, is_under_way
from ui.certification.work import lasting

PLAN = ".plan"
"""Ending of the file, beside the mark of the job."""
_LONGEST = 1 << 24
_MOST = 100_000


@dataclass(frozen=True)
class RivalPlan:
    """What is left of a job.

    Args:
        first: number of the stage that comes next.
        settings: of the rival.
        model, digest: name and SHA-256 of its weights.
        members: identities of the library's files that hold the pictures of the stages to come.
    """

    first: int
    settings: ImageSettings
    model: str
    digest: str
    members: tuple[str, ...]

    def after(self, number: int) -> RivalPlan:
        """What is left when the stage of that number has ended."""
        done = number + 1 - self.first
        return RivalPlan(number + 1, self.settings, self.model, self.digest, self.members[done:])

    def to_bytes(self) -> bytes:
        """JSON."""
        facts = {
            "first": self.first,
            "settings": self.settings.to_dict(),
            "model": self.model,
            "digest": self.digest,
            "members": self.members,
        }
        return json.dumps(facts).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> RivalPlan:
        """What `to_bytes` wrote.

        Raises:
            LrscoreError: anything else.
        """
        found = parse_json(content, "the plan of a comparison", _LONGEST)
        try:
            first, model, digest, members = (found[name] for name in ("first", "model", "digest", "members"))
            texts = [model, digest, *members]
            if type(first) is not int or not all(isinstance(text, str) for text in texts):
                raise TypeError
            if not isinstance(members, list) or not 0 < len(members) <= _MOST or not 0 <= first <= _MOST:
                raise TypeError
            return cls(first, ImageSettings(**found["settings"]), model, digest, tuple(members))
        except (LookupError, TypeError) as error:
            raise InputError("the plan of a comparison must say what is left of it") from error


class Ledger:
    """Keeps the plan of a job up to date.

    Args:
        file: see `plan_file`.
        plan: of the whole job.
    """

    def __init__(self, file: Path, plan: RivalPlan) -> None:
        self._file, self._plan = file, plan
        self._write(plan)

    def ended(self, number: int) -> None:
        """The stage of that number has kept its certificate."""
        left = self._plan.after(number)
        if left.members:
            self._write(left)

    def _write(self, plan: RivalPlan) -> None:
        with suppress(OSError):  # a folder that can not be written costs the plan, not the job
            write_bytes(self._file, plan.to_bytes())


@contextmanager
def planned(folder: Path, handle: JobHandle, plan: RivalPlan) -> Iterator[Ledger]:
    """Mark a job as under way while the block lasts; its plan is left if the job is cut off, as `lasting` says.

    Raises:
        LrscoreError: it is under way already.
    """
    file = plan_file(folder, handle.identity)
    run = file.with_suffix(".nc")
    try:
        with lasting(run, handle):
            yield Ledger(file, plan)
    finally:
        if is_under_way(run) is None:
            file.unlink(missing_ok=True)


def read_plan(folder: Path, identity: str) -> RivalPlan | None:
    """The plan of a job that was cut off; None if nothing usable is left."""
    path = plan_file(folder, identity)
    try:
        if path.is_symlink() or path.stat().st_size > _LONGEST:
            return None
        return RivalPlan.from_bytes(path.read_bytes())
    except (LrscoreError, OSError):
        return None


def forget_plan(folder: Path, identity: str) -> None:
    """Remove what a cut off job has left beside its certificates; one that is under way keeps it."""
    path = plan_file(folder, identity)
    run, plan = path.with_suffix(".nc"), read_plan(folder, identity)
    if is_under_way(run):
        return
    forget(run)
    if plan is not None:
        forget(stage_file(folder, identity, plan.first))
    path.unlink(missing_ok=True)


def plan_file(folder: Path, identity: str) -> Path:
    """Where a job's plan lies."""
    return folder / f"{identity}{PLAN}"


def stage_file(folder: Path, identity: str, number: int) -> Path:
    """Where the certificate of a job's stage is kept."""
    return folder / f"{identity}-{number}.nc"
