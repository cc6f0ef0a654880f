"""One item as tasks of a Dask cluster: opened, cut, sampled, merged in a tree, finished."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lrscore.study.items import Item
from lrscore.study.settings import digest_of
from lrscore.study.shards import Finished, Heading, Shard, cut, merge

if TYPE_CHECKING:
    from distributed import Client, Future

FAN_IN = 8
"""Parts that one step of the merge tree adds up."""


def open_item(item: Item) -> Any:
    """The opened picture or graph of an item."""
    module = _module(item)
    return module.open_graph(item) if item.setting.kind == "graph" else module.open_image(item)


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
    module = _module(item)
    done = module.finish_graph if item.setting.kind == "graph" else module.finish_image
    with _files_of_its_own():
        result: Finished = done(item, opened, blocks, pilots, counts)
    return result


def whole(item: Item, opened: Any) -> Finished:
    """An item that is one task."""
    with _files_of_its_own():
        result: Finished = _module(item).whole_image(item, opened)
    return result


def _files_of_its_own() -> Any:
    """xarray would lock the file that it makes in memory by the scheduler, as if other workers wrote to it as well."""
    import dask

    return dask.config.set(scheduler="synchronous")


def _module(item: Item) -> ModuleType:
    """The functions of the item's kind; torch comes with them, so only workers load them."""
    kind = "graph" if item.setting.kind == "graph" else "image"
    return importlib.import_module(f"lrscore.study.{kind}_shards")


@dataclass(eq=False)
class Submitted:
    """An item under way.

    Args:
        item: which.
        priority: of its tasks; higher goes first.
        opened: future of the opened picture or graph.
        heading: future of its `Heading`.
        final: future of what is `Finished`; None before the heading is known.
        shards: futures whose results nobody here reads, by the copies that they stand for.
    """

    item: Item
    priority: int
    opened: Future
    heading: Future
    final: Future | None = None
    shards: dict[Future, int] = field(default_factory=dict)


class Submission:
    """Hands items to a cluster. Shards have names made of what they depend on: items with equal samples share them.

    Args:
        client: of the cluster.
        token: of this run, so that nothing of an earlier one with the same scheduler is taken for its own.
        resources: that sampling asks of a worker.
    """

    def __init__(self, client: Client, token: str, resources: dict[str, float]) -> None:
        self._client, self._token = client, token
        self._common: dict[str, Any] = {"pure": False, "resources": resources, "retries": 0}

    def open(self, item: Item, priority: int) -> Submitted:
        """Begin an item; earlier ones (of higher priority) are finished first."""
        shared = (item.drawn, item.study.void, item.study.class_names)
        opened = self._submit("open", shared, priority, open_item, item)
        return Submitted(
            item, priority, opened, self._submit("heading", shared, priority, heading_of, opened)
        )

    def go_on(self, under_way: Submitted, heading: Heading) -> None:
        """Hand in everything else of an item whose heading is known."""
        item, opened, priority = under_way.item, under_way.opened, under_way.priority
        if not item.setting.cut:
            under_way.final = self._submit("whole", (item.key,), priority, whole, item, opened)
            under_way.shards[under_way.final] = heading.samples
            return
        blocks: dict[int, list[Shard]] = {}
        for shard in cut(heading, item.study.shard_copies):
            blocks.setdefault(shard.block, []).append(shard)
        pilots, counts, groups = [], [], []
        for block, shards in blocks.items():
            pilot = self._tree(
                item,
                "pilot",
                block,
                priority,
                [
                    self._shard(under_way, shard, priority, pilot_shard, item, opened, shard)
                    for shard in shards
                    if shard.stage == "pilot"
                ],
            )
            name = (item.drawn, block)
            chosen = self._submit("choose", name, priority, choose, item, pilot)
            estimations = [
                self._shard(under_way, shard, priority, estimation_shard, item, opened, chosen, shard)
                for shard in shards
                if shard.stage == "estimation"
            ]
            pilots.append(pilot)
            counts.append(self._tree(item, "estimation", block, priority, estimations))
            groups.append(shards[0].groups)
        under_way.final = self._submit(
            "finish", (item.key,), priority, finish, item, opened, groups, pilots, counts
        )

    def _shard(
        self, under_way: Submitted, shard: Shard, priority: int, work: Callable[..., Any], *args: Any
    ) -> Future:
        name = (under_way.item.drawn, shard.stage, shard.block, shard.index)
        future = self._submit("shard", name, priority, work, *args)
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
        key = f"{step}-{digest_of(self._token, name)[:32]}"
        return self._client.submit(work, *args, key=key, priority=priority, **self._common)
