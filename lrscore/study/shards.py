"""How the work on one item is cut, where a shard's random numbers come from, and what shards hand back.

Everything here depends on the item alone, never on who works on it: the same shards, with the same numbers, on one
process or a thousand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lrscore.certificate import Certificate
from lrscore.graphs.reading import Reading
from lrscore.records import compact, record_bytes
from lrscore.streams import apart
from lrscore.study.items import Item

if TYPE_CHECKING:
    import torch

Stage = Literal["pilot", "estimation"]
_WRITING = threading.Lock()


@dataclass(frozen=True)
class Heading:
    """What must be known of an opened item before its work is cut.

    Args:
        alike: lists of groups that one set of noisy copies serves.
        batch: copies of a pass; shards draw whole passes.
        pilot, samples: copies of every group in each stage.
        pilot_whole: the pilot of a block is one shard, however many copies it has.
    """

    alike: tuple[tuple[int, ...], ...]
    batch: int
    pilot: int
    samples: int
    pilot_whole: bool = False


@dataclass(frozen=True)
class Shard:
    """One task: so many copies for the groups of one block in one stage.

    Args:
        stage: "pilot" or "estimation"; the two never share a random number.
        block: number of the block of groups.
        groups: that are sampled.
        index: number of the shard within block and stage.
        samples: copies of every group.
        batch: copies of a pass.
        readings: of a graph's copies: all are counted at once.
    """

    stage: Stage
    block: int
    groups: tuple[int, ...]
    index: int
    samples: int
    batch: int
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, eq=False)
class Part:
    """What shards hand back: counts in the smallest type that holds them, for the block's own outputs.

    Args:
        counts: by name; parts of the same block and stage add up.
        seconds: of the workers.
        passes: noisy copies that went through the model for it, those thrown away not counted.
    """

    counts: dict[str, np.ndarray]
    seconds: float = 0.0
    passes: int = 0


@dataclass(frozen=True, eq=False)
class Finished:
    """A finished item on its way to the store.

    Args:
        row: of the table.
        content: of the certificate file; None if none is kept.
    """

    row: dict[str, Any]
    content: bytes | None = field(default=None, repr=False)


def cut(heading: Heading, shard_copies: int, readings: tuple[Reading, ...] = ()) -> list[Shard]:
    """The shards of an item, of about `shard_copies` noisy copies each (at least one pass for each set of groups).

    Groups are put together into blocks as long as one shard holds all of a block's samples; with more samples, every
    set of groups is a block of its own, and several shards share its samples.
    """
    one_set = _rounded_up(heading.samples, heading.batch)
    sets = max(1, shard_copies // one_set)
    blocks = [heading.alike[start : start + sets] for start in range(0, len(heading.alike), sets)]
    shards: list[Shard] = []
    for number, block in enumerate(blocks):
        most = max(heading.batch, shard_copies // len(block) // heading.batch * heading.batch)
        groups = tuple(group for alike in block for group in alike)
        stages: tuple[tuple[Stage, int, int], ...] = (
            ("pilot", heading.pilot, max(most, heading.pilot) if heading.pilot_whole else most),
            ("estimation", heading.samples, most),
        )
        for stage, samples, largest in stages:
            for index, start in enumerate(range(0, samples, largest)):
                size = min(largest, samples - start)
                shards.append(Shard(stage, number, groups, index, size, heading.batch, readings))
    return shards


def stream_of(item: Item, shard: Shard | None, device: str) -> torch.Generator:
    """The generator of one shard (of the whole item if None): it depends on seed, picture, setting, stage, block of
    groups and number of the shard, and on nothing else."""
    import torch

    place = "whole" if shard is None else f"{shard.stage}/{shard.groups}/{shard.index}"
    seeded = torch.Generator(device).manual_seed(item.seed)
    return apart(seeded, f"study/{item.fingerprint}/{item.setting.sampling}/{place}")


def merge(parts: Sequence[Part]) -> Part:
    """Parts of one block and stage added up; in which order, and in how many steps, makes no difference."""
    if len(parts) == 1:
        return parts[0]
    counts = {}
    for name, first in parts[0].counts.items():
        total = first.astype(np.int64)
        for part in parts[1:]:
            np.add(total, part.counts[name], out=total, casting="unsafe")
        counts[name] = compact(total)
    return Part(counts, sum(part.seconds for part in parts), sum(part.passes for part in parts))


def cost_of(parts: Iterable[Part]) -> tuple[float, int]:
    """Seconds of the workers and passes, all together."""
    found = list(parts)
    return sum(part.seconds for part in found), sum(part.passes for part in found)


def file_content(item: Item, certificate: Certificate) -> bytes | None:
    """The certificate file of an item; None if its study keeps none."""
    import dask

    if item.study.keep != "certificates":
        return None
    # xarray would lock the file that it makes in memory by the scheduler, as if other workers wrote to it as well.
    # Dask's settings are those of the process: one thread at a time
    with _WRITING, dask.config.set(scheduler="synchronous"):
        return bytes(record_bytes(certificate.to_record()))


def _rounded_up(number: int, step: int) -> int:
    return number + -number % step
