"""An attack on the smoothed model of a graph: what one adversary achieves within the budgets (docs/theory.md, 8).

Greedy flips guided by score differences: a noisy copy `z` weighs as much around the graph with one attribute flipped as
its likelihood ratio says, so the change of every smoothed score under *every* single flip is estimated from the same
noisy copies, `E[h(z) (L(z_b) - 1)]`, and the model is asked for nothing but scores. Certified count <= surviving count
must hold whatever the attack does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from lrscore.errors import InputError, SettingsError
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.counting import as_scores
from lrscore.graphs.input import GraphInput
from lrscore.graphs.sampler import GraphModel, GraphSampler
from lrscore.monitor import Monitor, Run
from lrscore.settings import set_field, whole_number
from lrscore.statistics.overtaking import chance_of_lead, overtaken, scores_for, strongest_rival
from lrscore.streams import apart

_NEAR = 0.15  # margin within which a node gets most of the effort


@dataclass(frozen=True)
class GraphAttackSettings:
    """How strong an attack is, and how it is measured.

    Args:
        additions, deletions: whole attributes that may be changed in the whole graph.
        steps: rounds of sampling; each makes its share of the flips.
        copies: noisy copies of each group behind one step.
        pilot_samples: fresh noisy copies of each group that say where another class leads.
        samples: further ones that test it.
        error: probability, over those samples, that any node is called changed that is not.

    Raises:
        SettingsError: a number is outside its range.
    """

    additions: int
    deletions: int
    steps: int = 4
    copies: int = 200
    pilot_samples: int = 100
    samples: int = 200
    error: float = 0.01

    def __post_init__(self) -> None:
        for name in ("additions", "deletions"):
            set_field(self, name, whole_number(name, getattr(self, name), 0))
        for name in ("steps", "copies", "pilot_samples", "samples"):
            set_field(self, name, whole_number(name, getattr(self, name), 1))
        if not 0 < self.error < 1:
            raise SettingsError(f"error must be a probability in (0, 1), got {self.error!r}")


@dataclass(frozen=True, eq=False)
class GraphAttack:
    """One perturbation within the budgets, and what fresh samples say about it.

    Nodes are `changed` only where their label is established at the clean graph (they do not abstain), another class
    led in a first set of samples, and a second, disjoint set says so significantly, Bonferroni over all nodes tested.
    With probability at least `1 - error` over the samples, every node marked changed has lost its label.

    Args:
        added, deleted: (k, 2) node and attribute of every change.
        spent: (2, J) additions and deletions in every cluster.
        attacked: (n,) bool, the nodes that were counted: targets that do not abstain.
        changed: (n,) bool, attacked nodes whose label has changed.
    """

    added: np.ndarray
    deleted: np.ndarray
    spent: np.ndarray
    attacked: np.ndarray
    changed: np.ndarray

    @property
    def surviving(self) -> int:
        """Attacked nodes not shown to have changed: at least the certified count of the same nodes."""
        return int(self.attacked.sum() - self.changed.sum())

    @property
    def changes(self) -> tuple[int, int]:
        """How many attributes it adds, and how many it deletes."""
        return len(self.added), len(self.deleted)

    def to_csv(self) -> str:
        """One line `node,attribute,value` per change, the value 1 where an attribute is added, 0 where deleted."""
        lines = ["node,attribute,value"]
        for flips, value in ((self.added, 1), (self.deleted, 0)):
            lines += [f"{node},{attribute},{value}" for node, attribute in flips.tolist()]
        return "\n".join(lines) + "\n"


def attack_graph(
    model: GraphModel,
    graph: Any,
    certificate: GraphCertificate,
    settings: GraphAttackSettings,
    *,
    targets: np.ndarray | None = None,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Callable[[int, int], object] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> GraphAttack:
    """Look for additions and deletions that change many labels of the smoothed model.

    Args:
        model, graph: those that the certificate was made with.
        certificate: clusters, noise and labels of the smoothed model.
        settings: budgets and effort.
        targets: (n,) bool, the nodes to attack; all if None. Those that abstain are never counted.
        generator, device, progress, cancel: as in `lrscore.certify_graph`.

    Raises:
        InputError: another graph than the certificate's.
        Cancelled: the caller cancelled.
    """
    run = Run.on(device, apart(generator, "attack"), progress, cancel)
    given = GraphInput.read(graph)
    if given.shape[0] != certificate.nodes or not np.array_equal(given.edges, certificate.edges):
        raise InputError("the graph is not the one that the certificate was made with: nodes or edges differ")
    attacked = ~certificate.abstained & (True if targets is None else np.asarray(targets, dtype=bool))
    flips = _Flips(given, certificate, settings)
    aimed = attacked & ~certificate.certified_mask(settings.additions, settings.deletions)
    groups = sorted(set(certificate.clusters[aimed].tolist()))
    rounds = min(settings.steps, settings.additions + settings.deletions) if groups else 0
    monitor = run.monitor(
        len(groups) * (rounds * settings.copies + settings.pilot_samples + settings.samples)
    )

    def sampler(planned: Sequence[int] = ()) -> GraphSampler:
        """Of the graph as it is after the flips chosen so far."""
        return GraphSampler(
            model, flips.graph(), certificate.clusters, certificate.noises, run, planned=planned
        )

    for step in range(rounds):
        found = _differences(
            sampler((settings.copies,)), certificate, groups, aimed, settings.copies, monitor
        )
        flips.choose(found, rounds - step)
    attack = flips.attack(attacked)
    if not rounds:
        return attack
    return replace(attack, changed=_changed(sampler(), certificate, groups, aimed, settings, monitor))


class _Flips:
    """The attributes as they are after the flips chosen so far."""

    def __init__(
        self, given: GraphInput, certificate: GraphCertificate, settings: GraphAttackSettings
    ) -> None:
        self.given, self.clusters = given, certificate.clusters
        self.left = [settings.additions, settings.deletions]
        self.clean = np.zeros(given.shape, dtype=bool)
        self.clean[given.rows, given.columns] = True
        self.now = self.clean.copy()

    def graph(self) -> GraphInput:
        """The attacked graph."""
        rows, columns = np.nonzero(self.now)
        return GraphInput(rows.astype(np.int64), columns.astype(np.int64), self.given.edges, self.given.shape)

    def choose(self, change: np.ndarray, rounds: int) -> None:
        """Make this round's share of the flips where `change` (n, d) of the margins is lowest."""
        for kind, mine in enumerate((~self.clean & ~self.now, self.clean & self.now)):
            many = -(-self.left[kind] // rounds)
            values = np.where(mine, change, np.inf).ravel()
            best = np.argsort(values, kind="stable")[:many]
            best = best[np.isfinite(values[best])]
            self.now.ravel()[best] ^= True
            self.left[kind] -= best.size

    def attack(self, attacked: np.ndarray) -> GraphAttack:
        """What was flipped."""
        added, deleted = np.argwhere(self.now & ~self.clean), np.argwhere(self.clean & ~self.now)
        size = int(self.clusters.max()) + 1
        spent = np.stack(
            [np.bincount(self.clusters[flips[:, 0]], minlength=size) for flips in (added, deleted)]
        )
        return GraphAttack(added, deleted, spent, attacked, np.zeros_like(attacked))


@torch.inference_mode()
def _differences(
    sampler: GraphSampler,
    certificate: GraphCertificate,
    groups: list[int],
    aimed: np.ndarray,
    copies: int,
    monitor: Monitor,
) -> np.ndarray:
    """(n, d) estimated change of the weighed margins of the aimed nodes if one attribute is flipped."""
    nodes, width = sampler.nodes, sampler.width
    ones = sampler.attributes.table.cpu().numpy().reshape(nodes, width)
    total = np.zeros(nodes * width)
    for group in groups:
        members = sampler.members[group]
        seen, margins = [], []
        for x, scores in sampler.drawn(copies, group, monitor):
            seen.append(x)
            margins.append(_margins(as_scores(scores, certificate.settings), certificate.labels[members]))
        margin = np.concatenate(margins)  # (copies, m)
        mean = margin.mean(axis=0)
        effort = np.exp(-((np.maximum(mean, 0.0) / _NEAR) ** 2)) * (mean > -_NEAR) + 1e-3
        values = (margin - mean) @ (effort * aimed[members])  # (copies,)
        with_one = np.zeros(nodes * width)
        start = 0
        for (copy, positions), part in zip(seen, margins, strict=True):
            with_one += np.bincount(positions, values[start + copy], nodes * width)
            start += len(part)
        to_one, to_zero = (kind[group, certificate.clusters][:, None] for kind in certificate.noise_levels)
        with np.errstate(divide="ignore", invalid="ignore"):
            adding = (1 - to_zero) / to_one - to_zero / (1 - to_one)
            deleting = to_one / (1 - to_zero) - (1 - to_one) / to_zero
        factor = np.where(ones, deleting, adding)
        factor = np.where(np.isfinite(factor), factor, 0.0).ravel()
        total += factor * with_one / len(values)
    return total.reshape(nodes, width)


def _margins(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(b, m) by how much the label's score leads the best other one, for scores (b, m, classes)."""
    return scores_for(labels, scores) - scores_for(strongest_rival(scores, labels), scores)


def _changed(
    sampler: GraphSampler,
    certificate: GraphCertificate,
    groups: list[int],
    aimed: np.ndarray,
    settings: GraphAttackSettings,
    monitor: Monitor,
) -> np.ndarray:
    """(n,) bool: aimed nodes that fresh samples at the attacked graph show to have lost their label."""
    chances, tested = np.ones(certificate.nodes), np.zeros(certificate.nodes, dtype=bool)
    for group in groups:
        members = sampler.members[group]
        labels = certificate.labels[members]
        first, second = (
            np.concatenate(
                [
                    as_scores(sampler.to_host(part), certificate.settings)
                    for _, part in sampler.scores(size, monitor, [group])
                ]
            )
            for size in (settings.pilot_samples, settings.samples)
        )
        if certificate.chosen is not None:
            own = certificate.chosen.at(members)
            first, second = (np.stack([own.folded(one, labels) for one in part]) for part in (first, second))
        mean = first.mean(axis=0)
        rival = strongest_rival(mean, labels)
        tested[members] = scores_for(rival, mean) > scores_for(labels, mean)
        ahead, behind = scores_for(rival, second), scores_for(labels, second)
        if certificate.settings.scores == "votes":
            chances[members] = chance_of_lead(ahead.sum(axis=0), behind.sum(axis=0))
        else:  # Hoeffding: differences lie in [-1, 1]
            gain = np.maximum((ahead - behind).mean(axis=0), 0.0)
            chances[members] = np.exp(-settings.samples * gain**2 / 2)
    return overtaken(chances, tested & aimed, settings.error)
