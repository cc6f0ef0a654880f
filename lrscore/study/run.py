"""Run a study: do what is missing, keep what is done, and end cleanly whatever happens."""

from __future__ import annotations

import queue
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from lrscore.errors import Cancelled, CertificateFileError, LrscoreError, first_line
from lrscore.memory import is_out_of_memory
from lrscore.study.adopting import adopted
from lrscore.study.cluster import task_resources
from lrscore.study.embedded import ClusterError
from lrscore.study.items import Item
from lrscore.study.shards import Finished, Heading
from lrscore.study.store import Store
from lrscore.study.tasks import Submission, Submitted
from lrscore.study.watching import ClusterWatch

if TYPE_CHECKING:
    from distributed import Client, Future

_TICK = 0.25
_TELL_EVERY = 0.5
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


@dataclass(frozen=True, eq=False)
class _Event:
    """What the cluster tells of an item: that a shard is done, its heading, or its `Finished`; or what went wrong."""

    kind: Literal["shard", "heading", "final"]
    key: str
    value: Any = None
    error: BaseException | None = None


@dataclass(eq=False)
class StudyRun:
    """The client's side of a study that runs.

    Args:
        store: where results go.
        items: all of the study.
        watch: told now and then how far it is.
    """

    store: Store
    items: Sequence[Item]
    watch: Watch | None = None
    outcome: Outcome = field(default_factory=Outcome)
    copies: float = 0.0
    _active: dict[str, Submitted] = field(default_factory=dict)
    _events: queue.SimpleQueue[_Event] = field(default_factory=queue.SimpleQueue)
    _suspects: list[Item] = field(default_factory=list)
    _alone: bool = False
    _bad_writes: int = 0
    _told: float = 0.0

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
        resources = task_resources(self.items[0].study.device)
        submission = Submission(client, uuid.uuid4().hex, resources)
        cluster = ClusterWatch(client, resources)
        while waiting or self._active or self._suspects:
            if not waiting and not self._active:  # who killed the workers, and who was only there?
                self._alone = True
                waiting.append((len(todo), self._suspects.pop(0)))
                submission = Submission(client, uuid.uuid4().hex, resources)
            self._admit(waiting, submission, cluster)
            with suppress(queue.Empty):
                self._handle(self._events.get(timeout=_TICK), submission, client)
                cluster.heard()
            cluster.look()
            self._tell(started, cluster.workers)
            if self.store.asked_to_stop():
                raise Cancelled("somebody asked to stop")
        self._tell(started, cluster.workers, last=True)
        return self.outcome

    def release(self) -> None:
        """Let go of everything under way."""
        self._active.clear()

    def _admit(self, waiting: deque[tuple[int, Item]], submission: Submission, cluster: ClusterWatch) -> None:
        room = _SHARDS_PER_WORKER * max(1, cluster.workers)
        most = 1 if self._alone else 2
        while waiting and (len(self._active) < most or (not self._alone and self._under_way() < room)):
            number, item = waiting.popleft()
            if item.key in self._active:
                continue
            under_way = submission.open(item, -number)
            self._active[item.key] = under_way
            self._fetch(under_way.heading, "heading", item.key, cluster.client)

    def _under_way(self) -> int:
        """Shards that are handed in and not done; an item that is being opened counts as one."""
        return sum(
            1 if one.final is None else sum(not shard.done() for shard in one.shards)
            for one in self._active.values()
        )

    def _fetch(self, future: Future, kind: Literal["heading", "final"], key: str, client: Client) -> None:
        """Put the future's result among the events once it is here. Nobody waits for it: its worker may be gone."""

        async def fetched() -> None:
            try:
                value = await client.gather(future, asynchronous=True)
                self._events.put(_Event(kind, key, value))
            except Exception as error:
                self._events.put(_Event(kind, key, error=error))

        assert client.loop is not None
        client.loop.add_callback(fetched)

    def _handle(self, event: _Event, submission: Submission, client: Client) -> None:
        under_way = self._active.get(event.key)
        if under_way is None:
            return
        if event.kind == "shard":
            self.copies += under_way.shards.get(event.value, 0) if event.value.status == "finished" else 0
        elif isinstance(event.error, CancelledError):
            raise ClusterError("the scheduler lost the study's tasks; what is done is kept")
        elif event.error is not None:
            self._fail(under_way, event.error)
        elif event.kind == "heading":
            self._go_on(under_way, event.value, submission, client)
        else:
            self._keep(under_way.item, event.value)

    def _go_on(self, under_way: Submitted, heading: Heading, submission: Submission, client: Client) -> None:
        try:
            submission.go_on(under_way, heading)
        except Exception as error:
            self._fail(under_way, error)
            return
        assert under_way.final is not None
        key = under_way.item.key
        for shard in under_way.shards:
            shard.add_done_callback(lambda done: self._events.put(_Event("shard", key, done)))
        self._fetch(under_way.final, "final", key, client)

    def _keep(self, item: Item, finished: Finished) -> None:
        try:
            self.store.add(item, finished)
            self.outcome.done += 1
            self._bad_writes = 0
        except CertificateFileError as error:
            self._bad_writes += 1
            self.store.fail(item, str(error))
            self.outcome.failed += 1
            if self._bad_writes >= _FULL_DISK:
                raise
        del self._active[item.key]

    def _fail(self, under_way: Submitted, error: BaseException) -> None:
        if type(error).__name__ == "KilledWorker" and not self._alone:
            self._suspects.append(under_way.item)  # tried once more, with nobody beside it
            del self._active[under_way.item.key]
            return
        self.store.fail(under_way.item, sentence_of(error))
        self.outcome.failed += 1
        del self._active[under_way.item.key]

    def _tell(self, started: float, workers: int, *, last: bool = False) -> None:
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
                "workers": workers,
                "at": time.time(),
            }
        )
        if self.watch is not None:
            self.watch(done, self.copies)


def sentence_of(error: BaseException) -> str:
    """Why an item failed, in one sentence for its row."""
    name = type(error).__name__
    if isinstance(error, LrscoreError):
        return " ".join(str(error).split())[:1000]
    if name == "KilledWorker":
        return "the workers that took it died again and again (too little memory?)"
    if is_out_of_memory(error):
        return "not enough memory; a smaller batch_size needs less"
    return f"{name}: {first_line(error, 500)}"
