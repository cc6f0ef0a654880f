"""Run a study: do what is missing, keep what is done, and end cleanly whatever happens."""

from __future__ import annotations

import queue
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from lrscore.errors import Cancelled, CertificateFileError, LrscoreError, first_line
from lrscore.memory import is_out_of_memory
from lrscore.study.adopting import adopted
from lrscore.study.cluster import task_resources
from lrscore.study.embedded import ClusterError
from lrscore.study.items import Item
from lrscore.study.recalling import CountsError, files_with_counts
from lrscore.study.shards import Finished, Heading
from lrscore.study.store import Store
from lrscore.study.tasks import Family, Submission, Submitted, families_of
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
    """What the cluster tells of a family: that a shard is done, its heading, or an item's `Finished`; or what went
    wrong."""

    kind: Literal["shard", "heading", "final"]
    of: Submitted
    value: Any = None
    error: BaseException | None = None
    item: Item | None = None


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
    _done: list[Item] = field(default_factory=list)
    _waiting: deque[Family] = field(default_factory=deque)
    _active: list[Submitted] = field(default_factory=list)
    _events: queue.SimpleQueue[_Event] = field(default_factory=queue.SimpleQueue)
    _suspects: list[Family] = field(default_factory=list)
    _begun: int = 0
    _alone: bool = False
    _bad_writes: int = 0
    _told: float = 0.0

    def missing(self) -> list[Item]:
        """Items that are not done; certificates of the folder that the table lacks are taken into it on the way."""
        found = []
        self.outcome = Outcome(total=len(self.items))
        for item in self.items:
            if self.store.is_done(item):
                self._done.append(item)
            elif (row := adopted(self.store.folder, item)) is not None:
                self.store.adopt(item, row)
                self._done.append(item)
            else:
                found.append(item)
        self.outcome.kept = len(self._done)
        return found

    def work(self, todo: Sequence[Item], client: Client) -> Outcome:
        """Do these items on a cluster.

        Raises:
            ClusterError: scheduler or workers are lost; what is done is kept.
            Cancelled: somebody asked to stop; what is done is kept.
            CertificateFileError: nothing can be written any more.
        """
        started = time.time()
        stored = files_with_counts(self.store.folder, todo, self._done, self.store.digests)
        self._waiting.extend(families_of(todo, stored))
        resources = task_resources(self.items[0].study.device)
        submission = Submission(client, uuid.uuid4().hex, resources)
        cluster = ClusterWatch(client, resources)
        while self._waiting or self._active or self._suspects:
            if not self._waiting and not self._active:  # who killed the workers, and who was only there?
                self._alone = True
                self._waiting.append(self._suspects.pop(0))
            self._admit(submission, cluster)
            with suppress(queue.Empty):
                self._handle(self._events.get(timeout=_TICK), submission, client)
                cluster.heard()
            cluster.look()
            self._tell(started, cluster.workers)
            if self.store.asked_to_stop():
                raise Cancelled("somebody asked to stop")
        self._tell(started, cluster.workers, last=True)
        return self.outcome

    def rest(self) -> None:
        """Tell that nothing is missing."""
        self._tell(time.time(), 0, last=True)

    def release(self) -> None:
        """Let go of everything under way."""
        self._active.clear()

    def _admit(self, submission: Submission, cluster: ClusterWatch) -> None:
        room = _SHARDS_PER_WORKER * max(1, cluster.workers)
        most = 1 if self._alone else 2
        while self._waiting and (len(self._active) < most or (not self._alone and self._under_way() < room)):
            under_way = submission.open(self._waiting.popleft(), -self._begun)
            self._begun += 1
            self._active.append(under_way)
            self._fetch(under_way.heading, _Event("heading", under_way), cluster.client)

    def _under_way(self) -> int:
        """Shards that are handed in and not done; a family that is being opened counts as one."""
        return sum(sum(not shard.done() for shard in one.shards) if one.begun else 1 for one in self._active)

    def _fetch(self, future: Future, event: _Event, client: Client) -> None:
        """Put the event among the others once the future's result is here. Nobody waits for it: its worker may be
        gone."""

        async def fetched() -> None:
            try:
                value = await client.gather(future, asynchronous=True)
                self._events.put(replace(event, value=value))
            except Exception as error:
                self._events.put(replace(event, error=error))

        assert client.loop is not None
        client.loop.add_callback(fetched)

    def _handle(self, event: _Event, submission: Submission, client: Client) -> None:
        under_way, item = event.of, event.item
        if event.kind == "shard":
            self._count(under_way, event.value)
        elif under_way not in self._active:
            return
        elif isinstance(event.error, CancelledError):
            raise ClusterError("the scheduler lost the study's tasks; what is done is kept")
        elif event.error is not None:
            self._fail(under_way, list(under_way.left.values()) if item is None else [item], event.error)
        elif item is None:
            self._go_on(under_way, event.value, submission, client)
        else:
            self._keep(item, event.value)
            self._end(under_way, [item])

    def _go_on(self, under_way: Submitted, heading: Heading, submission: Submission, client: Client) -> None:
        try:
            submission.go_on(under_way, heading)
        except Exception as error:
            self._fail(under_way, list(under_way.left.values()), error)
            return
        under_way.begun = True
        for shard in list(under_way.shards):
            shard.add_done_callback(lambda done: self._events.put(_Event("shard", under_way, done)))
        for item in under_way.family.items:
            self._fetch(under_way.finals[item.key], _Event("final", under_way, item=item), client)

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

    def _fail(self, under_way: Submitted, items: Sequence[Item], error: BaseException) -> None:
        stored = under_way.family.stored
        if type(error).__name__ == "KilledWorker" and not self._alone:
            # Tried once more, with nobody beside them
            self._suspects.append(Family(tuple(items), stored))
        elif isinstance(error, CountsError):  # they are counted after all
            self._waiting.append(Family(tuple(items)))
        else:
            for item in items:
                self.store.fail(item, sentence_of(error))
                self.outcome.failed += 1
        self._end(under_way, items)

    def _end(self, under_way: Submitted, items: Sequence[Item]) -> None:
        for item in items:
            under_way.left.pop(item.key, None)
            if item.key in under_way.finals:  # what it holds is written: nobody needs it any more
                self._count(under_way, under_way.finals.pop(item.key))
        if not under_way.left:
            for shard in list(under_way.shards):
                self._count(under_way, shard)
            self._active.remove(under_way)

    def _count(self, under_way: Submitted, shard: Future) -> None:
        """Count the copies of a shard that has ended, once."""
        copies = under_way.shards.pop(shard, 0)
        self.copies += copies if shard.status == "finished" else 0

    def _tell(self, started: float, workers: int, *, last: bool = False) -> None:
        now = time.monotonic()
        if not last and now - self._told < _TELL_EVERY:
            return
        self._told = now
        self.store.save_now_and_then()
        done, active = self.outcome, [item for one in self._active for item in one.left.values()]
        self.store.tell(
            {
                "total": done.total,
                "done": done.kept + done.done,
                "failed": done.failed,
                "running": [item.place[:2] for item in active[:20]],
                "active": len(active),
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
