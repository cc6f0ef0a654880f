"""How far a study is: for the command line and the dashboard, from its folder alone."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lrscore.study.rows import DONE, FAILED
from lrscore.study.store import Store

_FRESH = 10.0  # seconds after which what a run said last is old


@dataclass(frozen=True)
class StudyStatus:
    """Where a study stands.

    Args:
        title: of the study.
        running: whether a process is at it.
        total: items; 0 if no run has counted them yet.
        done, failed: items.
        active: items under way.
        workers: of the run.
        rate: items a minute in this run; None if none is finished yet.
        remaining: seconds until all is done, at that rate; None if unknown.
        copies_per_second: noisy copies.
        names: picture and setting of some items under way.
    """

    title: str
    running: bool
    total: int
    done: int
    failed: int
    active: int = 0
    workers: int = 0
    rate: float | None = None
    remaining: float | None = None
    copies_per_second: float = 0.0
    names: tuple[tuple[str, str], ...] = ()

    def lines(self) -> list[str]:
        """In words."""
        state = (
            "running"
            if self.running
            else "finished"
            if self.total and self.done >= self.total
            else "not running"
        )
        total = f" of {self.total}" if self.total else ""
        told = [f"{self.title}: {state}", f"{self.done}{total} done, {self.failed} failed"]
        if self.running:
            told.append(
                f"{self.active} under way on {self.workers} workers, {self.copies_per_second:.0f} copies a second"
            )
            if self.rate is not None:
                told.append(f"{self.rate:.3g} certificates a minute")
            if self.remaining is not None:
                told.append(f"about {self.remaining:.0f} s left")
        return told


def status_of(store: Store) -> StudyStatus:
    """The status of the study in a folder.

    Raises:
        SettingsError: there is no study in it.
    """
    title, told, running = store.study().title, store.told(), store.running()
    done = sum(row["status"] == DONE for row in store.rows)
    failed = sum(row["status"] == FAILED for row in store.rows)
    total = _whole(told.get("total"))
    if not running or time.time() - _real(told.get("at")) > _FRESH:
        return StudyStatus(title, running, total, done, failed)
    finished, seconds = _whole(told.get("finished")), _real(told.get("seconds"))
    rate = 60 * finished / seconds if finished and seconds > 0 else None
    left = total - _whole(told.get("done")) - _whole(told.get("failed"))
    names = told.get("running")
    return StudyStatus(
        title,
        running,
        total,
        _whole(told.get("done")),
        _whole(told.get("failed")),
        _whole(told.get("active")),
        _whole(told.get("workers")),
        rate,
        None if rate is None else 60 * max(left, 0) / rate,
        _real(told.get("copies")) / seconds if seconds > 0 else 0.0,
        tuple((str(one[0]), str(one[1])) for one in names if isinstance(one, list) and len(one) == 2)
        if isinstance(names, list)
        else (),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _real(value: object) -> float:
    return (
        float(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value
        else 0.0
    )
