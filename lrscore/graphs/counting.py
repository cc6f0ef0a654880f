"""What is counted of a model's scores on noisy graphs: votes, scores or margins of the labels, where the model runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from lrscore.batches import refuse_too_many
from lrscore.graphs.reading import Reading
from lrscore.graphs.sampler import GraphSampler
from lrscore.monitor import Monitor
from lrscore.statistics import ScoreHistogram, unit_margins
from lrscore.vote_choice import FIRST, INSIDE


def count_sides(
    sampler: GraphSampler, sides: np.ndarray, copies: int, monitor: Monitor, groups: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """How often each node's vote fell into its label, and on the first side of its rivals, in new copies.

    Args:
        sides: (n, classes) uint8, see `VoteChoice.sides`.

    Returns:
        Two arrays (n,) int64; 0 outside of the groups.

    Raises:
        InputError: scores that are no probabilities, or more copies than int32 counts.
    """
    refuse_too_many(copies)
    tally = torch.zeros((sampler.nodes, 2), dtype=torch.int32, device=sampler.device)
    table = torch.as_tensor(sides, device=sampler.device)
    rows = {group: torch.as_tensor(sampler.members[group], device=sampler.device) for group in groups}
    for group, batch in sampler.scores(copies, monitor, groups):
        nodes = rows[group]
        # The first of ties, as `as_scores` decides
        fell = table[nodes].gather(1, batch.max(dim=2).indices.T)  # (m, b)
        counted = torch.stack(
            [(fell == side).sum(dim=1, dtype=tally.dtype) for side in (INSIDE, FIRST)], dim=1
        )
        tally.index_add_(0, nodes, counted)
    inside, first = sampler.to_host(tally).astype(np.int64).T
    return inside, first


def count_label_scores(
    sampler: GraphSampler,
    wanted: Sequence[tuple[Reading, np.ndarray]],
    classes: int,
    copies: int,
    monitor: Monitor,
    groups: Sequence[int],
) -> list[np.ndarray]:
    """Histograms of the labels' scores in new copies, counted where the model runs and read once.

    Args:
        wanted: readings, each with the labels (n,) of all nodes that it counts; only those of the groups' nodes are
            read. All readings count the same copies.
        classes: of the model.

    Returns:
        For every reading, counts (n, ..., bins) int64 of the shape of `GraphCertificate.counts`; 0 outside of the
        groups.

    Raises:
        InputError: scores that are no probabilities, or more copies than int32 counts.
    """
    refuse_too_many(copies)
    tallies = [
        torch.zeros(
            empty_histogram((sampler.nodes, classes), reading).counts.shape,
            dtype=torch.int32,
            device=sampler.device,
        )
        for reading, _ in wanted
    ]
    fixed = [torch.as_tensor(labels, device=sampler.device) for _, labels in wanted]
    rows = {group: torch.as_tensor(sampler.members[group], device=sampler.device) for group in groups}
    for group, batch in sampler.scores(copies, monitor, groups):
        nodes = rows[group]
        for (reading, _), labels, tally in zip(wanted, fixed, tallies, strict=True):
            values = label_scores(batch, labels[nodes], reading)  # (b, m) or (b, m, classes - 1)
            tally.index_add_(0, nodes, count_in_bins(values, reading.bins))
    return [sampler.to_host(tally).astype(np.int64) for tally in tallies]


def collect_scores(
    sampler: GraphSampler, copies: int, monitor: Monitor, groups: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of new copies for some groups: their nodes (m,), ascending, and (copies, m, classes) float32."""
    parts: dict[int, list[torch.Tensor]] = {group: [] for group in groups}
    for group, batch in sampler.scores(copies, monitor, groups):
        parts[group].append(batch)
    nodes = np.concatenate([sampler.members[group] for group in groups])
    scores = sampler.to_host(torch.cat([torch.cat(part) for part in parts.values()], dim=1))
    order = np.argsort(nodes)
    return nodes[order], scores[:, order]


def as_scores(probabilities: np.ndarray, reading: Reading) -> np.ndarray:
    """Probabilities (b, m, classes) as they are, or the one-hot vote for the highest (ties to the lower class)."""
    if not reading.votes:
        return probabilities
    winner = probabilities.argmax(axis=2)
    return (winner[:, :, None] == np.arange(probabilities.shape[2])).astype(np.float32)


def label_scores(scores: torch.Tensor, labels: torch.Tensor, reading: Reading) -> torch.Tensor:
    """What is counted of scores (b, m, classes) for labels (m,), where they are: scores, votes or margins of the label.

    As `label_histogram` reads them: the same numbers, bit by bit.
    """
    if reading.votes:
        # The first of ties, as `as_scores` decides
        return (scores.max(dim=2).indices == labels).to(torch.float32)
    index = labels[None, :, None].expand(len(scores), -1, 1)
    own = scores.gather(2, index)
    if not reading.margins:
        return own[..., 0]
    others = torch.arange(scores.shape[2] - 1, device=scores.device)[None]
    others = others + (others >= labels[:, None])  # (m, classes - 1)
    rivals = scores.double().gather(2, others[None].expand(len(scores), -1, -1))
    return 0.5 * (1.0 + (own.double() - rivals))


def count_in_bins(values: torch.Tensor, bins: int) -> torch.Tensor:
    """Counts (..., bins) int32 of values (b, ...) in [0, 1], as `ScoreHistogram` bins them; nothing is read."""
    column = (values * bins).long().clamp_(0, bins - 1)  # exact: a power of two
    counts = torch.zeros((*values.shape[1:], bins), dtype=torch.int32, device=values.device)
    return counts.scatter_add_(
        -1, column.movedim(0, -1), counts.new_ones(()).expand(column.movedim(0, -1).shape)
    )


def label_histogram(scores: np.ndarray, labels: np.ndarray, reading: Reading) -> ScoreHistogram:
    """Counts of the label's scores, votes or margins for scores (b, m, classes) and labels (m,)."""
    empty = empty_histogram(scores.shape[1:], reading)
    if reading.margins:
        return empty.add(unit_margins(scores, labels))
    return empty.add(scores[:, np.arange(labels.size), labels])


def empty_histogram(shape: tuple[int, ...], reading: Reading) -> ScoreHistogram:
    """The histogram without samples for (nodes, classes)."""
    nodes, classes = shape
    return ScoreHistogram.empty((nodes, classes - 1) if reading.margins else nodes, bins=reading.bins)
