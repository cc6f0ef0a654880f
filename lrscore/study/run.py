"""Run a study: do what is missing, keep what is done, and end cleanly whatever happens."""

from __future__ import annotations

import queue
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lrscore.errors import Cancelled, CertificateFileError, LrscoreError, first_line
from lrscore.study.adopting import adopted
from lrscore.study.cluster import ClusterError, task_resources
from lrscore.study.items import Item
from lrscore.study.store import Store
from lrscore.study.tasks import Submission, Submitted

if TYPE_CHECKING:
    from distributed import Client, Future

_TICK = 0.25
_TELL_EVERY, _ASK_EVERY = 0.5, 1.0
_PATIENCE = 20.0  # seconds without a scheduler, or a first worker, before the run ends
_FIRST_WORKER = 900.0  # a job queue may take its time
_SHARDS_PER_WORKER = (
    6  # tasks under way: enough that nobody waits, few enough that pictures finish one by one
)
_FULL_DISK = 3  # writes that fail one after another before the run ends


@dataclass
class Outcome:
    """How a run ended.

    Args:
        done, failed: items that this run finished, and that it could not.
        kept: items that were done before.
        total: of the study.
    """

    done: int = 0
    failed: int = 0
    kept: int = 0
    total: int = 0


Watch = Callable[[Outcome, float], object]
"""Told the outcome so far and the noisy copies drawn, now and then."""


@dataclass(eq=False)
class StudyRun:
    """The client's side of a study that runs.

    Args:
        store: where results go.
        items: all of the study.
        watch: told now and then how far it is.
        limit: most items to finish in this run; all if None.
    """

    store: Store
    items: Sequence[Item]
    watch: Watch | None = None
    outcome: Outcome = field(default_factory=Outcome)
    copies: float = 0.0
    _active: dict[str, Submitted] = field(default_factory=dict)
    _events: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    _suspects: list[Item] = field(default_factory=list)
    _alone: bool = False
    _bad_writes: int = 0
    _told: float = 0.0
    _workers: int = 0
    _asked: float = -1e9

    def missing(self) -> list[Item]:
        """Items that are not done; certificates of the folder that the table lacks are taken into it on the way."""
        found = []
        self.outcome = Outcome(total=len(self.items))
        for item in self.items:
            if self.store.is_done(item):
                self.outcome.kept += 1
            elif (row := adopted(self.store.folder, item)) is not None:
                self.store.adopt(item, row)
                self.outcome.kept += 1
            else:
                found.append(item)
        return found

    def work(self, todo: Sequence[Item], client: Client) -> Outcome:
        """Do these items on a cluster.

        Raises:
            ClusterError: scheduler or workers are lost; what is done is kept.
            Cancelled: somebody asked to stop; what is done is kept.
            CertificateFileError: nothing can be written any more.
        """
        started = time.time()
        waiting = deque(enumerate(todo))
        device = self.items[0].study.device
        resources = task_resources(device, client)
        submission = Submission(client, uuid.uuid4().hex, resources)
        lost_since = None
        alone_since = time.monotonic()
        while waiting or self._active or self._suspects:
            if not waiting and not self._active:  # who killed the workers, and who was only there?
                self._alone = True
                waiting.append((len(todo), self._suspects.pop(0)))
                submission = Submission(client, uuid.uuid4().hex, resources)
            self._admit(waiting, submission, client)
            try:
                kind, key, future = self._events.get(timeout=_TICK)
                self._handle(kind, key, future, submission)
                lost_since = None
            except queue.Empty:
                lost_since = self._check_cluster(client, lost_since)
            if self._worker_count(client):
                alone_since = time.monotonic()
            elif time.monotonic() - alone_since > _FIRST_WORKER:
                raise ClusterError("no worker came; what is done is kept")
            self._tell(started, client)
            if self.store.asked_to_stop():
                raise Cancelled("somebody asked to stop")
        self._tell(started, client, last=True)
        return self.outcome

    def release(self) -> None:
        """Let go of everything under way."""
        self._active.clear()

    def _admit(self, waiting: deque[tuple[int, Item]], submission: Submission, client: Client) -> None:
        room = _SHARDS_PER_WORKER * max(1, self._worker_count(client))
        most = 1 if self._alone else 2
        while waiting and (len(self._active) < most or (not self._alone and self._under_way() < room)):
            number, item = waiting.popleft()
            if item.key in self._active:
                continue
            under_way = submission.open(item, -number)
            self._active[item.key] = under_way
            self._listen(under_way.heading, "heading", item.key)

    def _under_way(self) -> int:
        """Shards that are handed in and not done; an item that is being opened counts as one."""
        return sum(
            1 if one.final is None else sum(not shard.done() for shard in one.shards)
            for one in self._active.values()
        )

    def _listen(self, future: Future, kind: str, key: str) -> None:
        future.add_done_callback(lambda done: self._events.put((kind, key, done)))

    def _handle(self, kind: str, key: str, future: Future, submission: Submission) -> None:
        under_way = self._active.get(key)
        if under_way is None:
            return
        if kind == "shard":
            if future.status == "finished":
                self.copies += under_way.shards.get(future, 0)
            return
        if future.status == "cancelled":  # the scheduler has forgotten it
            raise ClusterError("the scheduler lost the study's tasks; what is done is kept")
        if future.status == "error":
            self._fail(under_way, future.exception())
        elif kind == "heading":
            try:
                submission.go_on(under_way, future.result())
            except Exception as error:
                self._fail(under_way, error)
                return
            assert under_way.final is not None
            for shard in under_way.shards:
                self._listen(shard, "shard", key)
            self._listen(under_way.final, "final", key)
        else:
            self._keep(under_way, future)

    def _keep(self, under_way: Submitted, future: Future) -> None:
        item = under_way.item
        try:
            self.store.add(item, future.result())
            self.outcome.done += 1
            self._bad_writes = 0
        except CertificateFileError as error:
            self._bad_writes += 1
            self.store.fail(item, str(error))
            self.outcome.failed += 1
            if self._bad_writes >= _FULL_DISK:
                raise
        del self._active[item.key]

    def _fail(self, under_way: Submitted, error: BaseException | None) -> None:
        if type(error).__name__ == "KilledWorker" and not self._alone:
            self._suspects.append(under_way.item)  # tried once more, with nobody beside it
            del self._active[under_way.item.key]
            return
        self.store.fail(under_way.item, sentence_of(error))
        self.outcome.failed += 1
        del self._active[under_way.item.key]

    def _check_cluster(self, client: Client, lost_since: float | None) -> float | None:
        if client.status == "running":
            return None
        lost_since = lost_since or time.monotonic()
        if client.status == "closed" or time.monotonic() - lost_since > _PATIENCE:
            raise ClusterError("the scheduler is lost; what is done is kept, and `study resume` goes on")
        return lost_since

    def _worker_count(self, client: Client) -> int:
        """Workers of the cluster, asked anew every second."""
        if time.monotonic() - self._asked > _ASK_EVERY and client.status == "running":
            with suppress(AttributeError, TypeError, ValueError, OSError):
                self._workers = len(client.scheduler_info(n_workers=-1).get("workers", {}))
            self._asked = time.monotonic()
        return self._workers

    def _tell(self, started: float, client: Client, *, last: bool = False) -> None:
        now = time.monotonic()
        if not last and now - self._told < _TELL_EVERY:
            return
        self._told = now
        self.store.save_now_and_then()
        done = self.outcome
        self.store.tell(
            {
                "total": done.total,
                "done": done.kept + done.done,
                "failed": done.failed,
                "running": [one.item.place[:2] for one in list(self._active.values())[:20]],
                "active": len(self._active),
                "copies": self.copies,
                "seconds": time.time() - started,
                "finished": done.done + done.failed,
                "workers": self._worker_count(client),
                "at": time.time(),
            }
        )
        if self.watch is not None:
            self.watch(done, self.copies)


def sentence_of(error: BaseException | None) -> str:
    """Why an item failed, in one sentence for its row."""
    if error is None:
        return "it failed without a reason"
    name = type(error).__name__
    if isinstance(error, LrscoreError):
        return " ".join(str(error).split())[:1000]
    if name == "KilledWorker":
        return "the workers that took it died again and again (too little memory?)"
    if isinstance(error, MemoryError) or name == "OutOfMemoryError":
        return "not enough memory; a smaller batch_size needs less"
    return f"{name}: {first_line(error, 500)}"
