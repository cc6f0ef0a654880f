"""An attack on the smoothed model of a graph: what one adversary achieves within the budgets (docs/theory.md, 8).

Greedy flips guided by score differences, see `lrscore.graphs.attack.changes`. Certified count <= surviving count must
hold whatever the attack does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.graphs.attack.candidates import neighbourhoods, offer_edges
from lrscore.graphs.attack.changes import Changes, lead, measure_changes
from lrscore.graphs.attack.flips import Flips
from lrscore.graphs.attack.result import GraphAttack
from lrscore.graphs.attack.settings import GraphAttackSettings
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.counting import as_scores
from lrscore.graphs.input import GraphInput
from lrscore.graphs.sampler import GraphModel, GraphSampler
from lrscore.monitor import Monitor, Run
from lrscore.statistics.overtaking import chance_of_lead, overtaken, scores_for, strongest_rival
from lrscore.streams import apart


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
    """Look for additions and deletions, of attributes and edges, that change many labels of the smoothed model.

    Args:
        model, graph: those that the certificate was made with.
        certificate: clusters, noise and labels of the smoothed model.
        settings: budgets and effort.
        targets: (n,) bool, the nodes to attack; all if None. Those that abstain are never counted.
        generator, device, progress, cancel: as in `lrscore.certify_graph`.

    Raises:
        InputError: another graph than the certificate's, or edges to flip where its noise leaves them as they are.
        Cancelled: the caller cancelled.
    """
    run = Run.on(device, apart(generator, "attack"), progress, cancel)
    given = GraphInput.read(graph)
    if given.shape[0] != certificate.nodes or not np.array_equal(given.edges, certificate.edges):
        raise InputError("the graph is not the one that the certificate was made with: nodes or edges differ")
    if certificate.edge_noise is None and any(settings.budgets[2:]):
        raise InputError("the certificate's noise flips no edges: an attack on it changes attributes alone")
    attacked = ~certificate.abstained & (True if targets is None else np.asarray(targets, dtype=bool))
    budgets = settings.budgets[: len(certificate.budget_kinds)]
    aimed = attacked & ~certificate.certified_mask(*budgets)
    groups = sorted(set(certificate.clusters[aimed].tolist()))
    search = _Search(model, given, certificate, settings, run, groups, aimed)
    if not search.rounds:
        return search.flips.attack(attacked)
    for step in range(search.rounds):
        search.step(search.rounds - step)
    return replace(search.flips.attack(attacked), changed=search.changed())


class _Search:
    """Rounds of flips, each where the last noisy copies say that it hurts most."""

    def __init__(
        self,
        model: GraphModel,
        given: GraphInput,
        certificate: GraphCertificate,
        settings: GraphAttackSettings,
        run: Run,
        groups: list[int],
        aimed: np.ndarray,
    ) -> None:
        self.model, self.certificate, self.settings, self.run = model, certificate, settings, run
        self.groups, self.aimed = groups, aimed
        self.flips = Flips(given, certificate, settings)
        self.margins = lead(certificate.pilot_scores.astype(np.float64), certificate.labels)
        self.rounds = min(settings.steps, sum(settings.budgets)) if groups else 0
        self.plain = settings.additions + settings.deletions + settings.edge_deletions > 0
        sets = self.plain + (settings.edge_additions > 0)  # of copies, in a round
        self.monitor: Monitor = run.monitor(
            len(groups) * (sets * self.rounds * settings.copies + settings.pilot_samples + settings.samples)
        )

    def step(self, rounds: int) -> None:
        """One round, of so many that are left."""
        left = self.flips.left
        if self.plain:
            found = self._measured()
            self.flips.flip_attributes(found.attributes, rounds)
            if left[3]:
                self.flips.delete_edges(found.edges, rounds)
        if self.settings.edge_additions:
            offered = offer_edges(self.certificate, self.flips.edges, self.margins, self.aimed, left[2])
            offered = offered[self.flips.may_join(offered)]
            found = self._measured(offered)
            places = np.searchsorted(self.flips.with_edges(offered), offered)
            self.flips.add_edges(offered, -found.edges[places], rounds)

    def changed(self) -> np.ndarray:
        """(n,) bool: aimed nodes that fresh samples at the attacked graph show to have lost their label."""
        sampler, certificate, settings = self._sampler(), self.certificate, self.settings
        chances, tested = np.ones(certificate.nodes), np.zeros(certificate.nodes, dtype=bool)
        for group in self.groups:
            members = sampler.members[group]
            labels = certificate.labels[members]
            first, second = (
                np.concatenate(
                    [
                        as_scores(sampler.to_host(part), certificate.settings.reading)
                        for _, part in sampler.scores(size, self.monitor, [group])
                    ]
                )
                for size in (settings.pilot_samples, settings.samples)
            )
            if certificate.chosen is not None:
                own = certificate.chosen.at(members)
                first, second = (
                    np.stack([own.folded(one, labels) for one in part]) for part in (first, second)
                )
            mean = first.mean(axis=0)
            rival = strongest_rival(mean, labels)
            tested[members] = scores_for(rival, mean) > scores_for(labels, mean)
            ahead, behind = scores_for(rival, second), scores_for(labels, second)
            if certificate.settings.scores == "votes":
                chances[members] = chance_of_lead(ahead.sum(axis=0), behind.sum(axis=0))
            else:  # Hoeffding: differences lie in [-1, 1]
                gain = np.maximum((ahead - behind).mean(axis=0), 0.0)
                chances[members] = np.exp(-settings.samples * gain**2 / 2)
        return overtaken(chances, tested & self.aimed, settings.error)

    def _measured(self, more: np.ndarray | None = None) -> Changes:
        """What every flip would change, around the graph as it is now, with more edges for a trial."""
        graph, nodes = self.flips.graph(more), self.certificate.nodes
        asked = more is not None or self.flips.left[3] > 0
        found = measure_changes(
            self._sampler(graph, (self.settings.copies,)),
            self.certificate,
            self.groups,
            self.aimed,
            self.settings.copies,
            self.monitor,
            neighbourhoods(self.flips.with_edges(more), nodes) if asked else None,
        )
        self.margins = np.where(np.isnan(found.margins), self.margins, found.margins)
        return found

    def _sampler(self, graph: GraphInput | None = None, planned: Sequence[int] = ()) -> GraphSampler:
        """Of the graph as it is after the flips chosen so far."""
        graph = self.flips.graph() if graph is None else graph
        certificate = self.certificate
        return GraphSampler(
            self.model, graph, certificate.clusters, certificate.noises, self.run, planned=planned
        )
