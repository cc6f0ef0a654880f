"""One item as tasks of a Dask cluster: opened, cut, sampled, merged in a tree, finished."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lrscore.study.items import Item
from lrscore.study.recalling import Counts, CountsError, recalled
from lrscore.study.shards import Finished, Heading, Shard, cut, merge

if TYPE_CHECKING:
    from distributed import Client, Future

FAN_IN = 8
"""Parts that one step of the merge tree adds up."""


def open_item(item: Item) -> Any:
    """The opened picture or graph of an item."""
    return _module(item).open_item(item)


def heading_of(opened: Any) -> Heading:
    """How an opened item is cut: all of it that the client needs."""
    heading: Heading = opened.heading
    return heading


def pilot_shard(item: Item, opened: Any, shard: Shard) -> Any:
    """See `image_shards.pilot_shard` and `graph_shards.pilot_shard`."""
    return _module(item).pilot_shard(item, opened, shard)


def choose(item: Item, merged: Any) -> Any:
    """The labels of a block."""
    return _module(item).choose(merged)


def estimation_shard(item: Item, opened: Any, chosen: Any, shard: Shard) -> Any:
    """See `image_shards.estimation_shard` and `graph_shards.estimation_shard`."""
    return _module(item).estimation_shard(item, opened, chosen, shard)


def merged(*parts: Any) -> Any:
    """One step of the merge tree."""
    return merge(parts)


def finish(
    item: Item, opened: Any, blocks: list[tuple[int, ...]], pilots: list[Any], counts: list[Any]
) -> Finished:
    """The finished item."""
    result: Finished = _module(item).finish(item, opened, blocks, pilots, counts)
    return result


def recounted(item: Item, opened: Any, content: bytes, written: bool) -> Finished:
    """The finished item, of counts that a certificate file holds; `written` as for `recalled`.

    Raises:
        CountsError: it does not, or it is about something else.
    """
    started, module = time.perf_counter(), _module(item)
    certificate = recalled(item, content, written=written)
    if not module.is_about(opened, certificate):
        raise CountsError("the certificate is about another input")
    result: Finished = module.finished(item, certificate, opened, started)
    return result


def whole(item: Item, opened: Any) -> Finished:
    """An item that is one task."""
    result: Finished = _module(item).whole(item, opened)
    return result


def _module(item: Item) -> ModuleType:
    """The functions of the item's kind; torch comes with them, so only workers load them."""
    kind = "graph" if item.setting.kind == "graph" else "image"
    return importlib.import_module(f"lrscore.study.{kind}_shards")


@dataclass(frozen=True, eq=False)
class Family:
    """Items that share their noisy copies, see `Item.drawn`: what is counted for them is counted at once.

    Args:
        items: at least one.
        stored: certificate files that hold an item's counts already, by its key.
    """

    items: tuple[Item, ...]
    stored: Mapping[str, Counts] = field(default_factory=dict)


def families_of(items: Iterable[Item], stored: Mapping[str, Counts]) -> list[Family]:
    """The items as families, in the order of their first ones."""
    found: dict[str, dict[str, Item]] = {}
    for item in items:
        found.setdefault(item.drawn, {})[item.key] = item
    return [
        Family(tuple(own.values()), {key: stored[key] for key in own if key in stored})
        for own in found.values()
    ]


@dataclass(eq=False)
class Submitted:
    """A family under way.

    Args:
        family: which.
        priority: of its tasks; higher goes first.
        opened: future of the opened picture or graph.
        heading: future of its `Heading`.
        finals: futures of what is `Finished`, by the item's key; none before the heading is known.
        shards: futures that are told when they are done, by the copies that they stand for; those of which it was told
            are gone.
        left: items that are not finished, by their keys.
        begun: whether all of it is handed in.
    """

    family: Family
    priority: int
    opened: Future
    heading: Future
    finals: dict[str, Future] = field(default_factory=dict)
    shards: dict[Future, int] = field(default_factory=dict)
    left: dict[str, Item] = field(default_factory=dict)
    begun: bool = False


class Submission:
    """Hands families of items to a cluster.

    Args:
        client: of the cluster.
        token: of this run, so that nothing of an earlier one with the same scheduler is taken for its own.
        resources: that sampling asks of a worker.
    """

    def __init__(self, client: Client, token: str, resources: dict[str, float]) -> None:
        self._client, self._token, self._number = client, token, 0
        self._common: dict[str, Any] = {"pure": False, "resources": resources, "retries": 0}

    def open(self, family: Family, priority: int) -> Submitted:
        """Begin a family; earlier ones (of higher priority) are finished first."""
        item = family.items[0]
        opened = self._submit("open", (item.drawn,), priority, open_item, item)
        heading = self._submit("heading", (item.drawn,), priority, heading_of, opened)
        left = {item.key: item for item in family.items}
        return Submitted(family, priority, opened, heading, left=left)

    def go_on(self, under_way: Submitted, heading: Heading) -> None:
        """Hand in everything else of a family whose heading is known.

        Raises:
            CountsError: a certificate file with counts is gone.
        """
        family, opened = under_way.family, under_way.opened
        sampled = [item for item in family.items if item.key not in family.stored]
        for item in family.items:
            if item.key in family.stored:
                counts = family.stored[item.key]
                handed = opened, counts.content(), bool(counts.digest)
                self._finish(under_way, item, 0, "recounted", recounted, *handed)
        if sampled and sampled[0].setting.cut:
            self._sample(under_way, sampled, heading)
        else:
            for item in sampled:
                self._finish(under_way, item, heading.samples, "whole", whole, opened)

    def _sample(self, under_way: Submitted, items: Sequence[Item], heading: Heading) -> None:
        """Shards that count for all of these items, and their merging."""
        item, opened, priority = items[0], under_way.opened, under_way.priority
        readings = tuple(
            dict.fromkeys(one.setting.reading for one in items if one.setting.reading is not None)
        )
        blocks: dict[int, list[Shard]] = {}
        for shard in cut(heading, item.study.shard_copies, readings):
            blocks.setdefault(shard.block, []).append(shard)
        pilots, counts, groups = [], [], []
        for block, shards in blocks.items():
            parts = [
                self._shard(under_way, item, shard, pilot_shard, item, opened, shard)
                for shard in shards
                if shard.stage == "pilot"
            ]
            pilot = self._tree(item, "pilot", block, priority, parts)
            chosen = self._submit("choose", (item.drawn, block), priority, choose, item, pilot)
            estimations = [
                self._shard(under_way, item, shard, estimation_shard, item, opened, chosen, shard)
                for shard in shards
                if shard.stage == "estimation"
            ]
            pilots.append(pilot)
            counts.append(self._tree(item, "estimation", block, priority, estimations))
            groups.append(shards[0].groups)
        for one in items:
            final = self._submit("finish", (one.key,), priority, finish, one, opened, groups, pilots, counts)
            under_way.finals[one.key] = final

    def _finish(
        self, under_way: Submitted, item: Item, copies: int, step: str, work: Callable[..., Any], *args: Any
    ) -> None:
        """An item that is one task."""
        final = self._submit(step, (item.key,), under_way.priority, work, item, *args)
        under_way.finals[item.key] = final
        under_way.shards[final] = copies

    def _shard(
        self, under_way: Submitted, item: Item, shard: Shard, work: Callable[..., Any], *args: Any
    ) -> Future:
        name = (item.drawn, shard.stage, shard.block, shard.index)
        future = self._submit("shard", name, under_way.priority, work, *args)
        under_way.shards[future] = shard.samples * len(shard.groups)
        return future

    def _tree(self, item: Item, stage: str, block: int, priority: int, parts: list[Future]) -> Future:
        """The parts added up, `FAN_IN` at a time."""
        level = 0
        while len(parts) > 1:
            bundles = [parts[start : start + FAN_IN] for start in range(0, len(parts), FAN_IN)]
            parts = [
                self._submit("merge", (item.drawn, stage, block, level, place), priority, merged, *bundle)
                if len(bundle) > 1
                else bundle[0]
                for place, bundle in enumerate(bundles)
            ]
            level += 1
        return parts[0]

    def _submit(
        self, step: str, name: tuple[Any, ...], priority: int, work: Callable[..., Any], *args: Any
    ) -> Future:
        self._number += 1
        key = f"{step}-{self._token}-{self._number}"
        return self._client.submit(work, *args, key=key, priority=priority, **self._common)
