"""Whose turn it is: owners take turns, and within an owner's jobs the first come is the first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from jobs.job import Job


class Turns:
    """The waiting jobs of one device. Every access holds the manager's lock.

    After every job of an owner all others who wait come first: nobody can put four long jobs before everybody.
    """

    def __init__(self) -> None:
        self._waiting: deque[Job] = deque()
        self._served: dict[str, int] = {}
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._waiting))

    def append(self, job: Job) -> None:
        """A job waits from now on."""
        self._waiting.append(job)

    def remove(self, job: Job) -> None:
        """A job waits no more."""
        self._waiting.remove(job)

    def take(self) -> Job:
        """The job whose turn it is."""
        job = self.order()[0]
        self._waiting.remove(job)
        self._count += 1
        self._served[job.owner] = self._count
        if not self._waiting:  # nobody is kept waiting: all begin anew
            self._served = {}
        return job

    def order(self) -> list[Job]:
        """All waiting jobs in the order in which they will be taken, if no other comes."""
        served, count = dict(self._served), self._count
        left, order = list(self._waiting), []
        while left:
            job = min(left, key=lambda one: served.get(one.owner, 0))  # of equal ones the first
            left.remove(job)
            order.append(job)
            count += 1
            served[job.owner] = count
        return order
