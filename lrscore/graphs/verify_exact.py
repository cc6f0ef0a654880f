"""Curves of the method "exact" on graphs, budget by budget: from exact shares, or from the thresholds of one order."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from lrscore.checks import Prover
from lrscore.collective import CollectiveCertificate, Status
from lrscore.collective.verify import proven_standing
from lrscore.collective.verify_inputs import Claim, require
from lrscore.graphs.bounds import halved, mean_levels, mean_lower, soft_plan
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.collective import STORED
from lrscore.graphs.verify import check_vote_thresholds
from lrscore.graphs.verify_shares import ShareClaim
from lrscore.graphs.vote_thresholds import vote_threshold, vote_threshold_against
from lrscore.records import Record

_ROUNDING = 1e-12


def exact_prover(
    curve: CollectiveCertificate, record: Record, certificate: GraphCertificate
) -> Prover | None:
    """What checks the proof of a curve that rests on exact shares; None for others, exact ones of old included."""
    if curve.proof.shares is None and curve.proof.orders is None:
        return None
    return ExactCheck(record, certificate).prove


class ExactCheck:
    """Checks claims of one file.

    Raises:
        CertificateError: bounds that the claims rest on do not follow from the counts.
    """

    def __init__(self, record: Record, certificate: GraphCertificate) -> None:
        self.record, self.certificate = record, certificate
        self.weights = certificate.stored_weights(record).astype(np.float64)
        self.votes = certificate.settings.scores == "votes"
        names = ("probabilities", "thresholds") if self.votes else ("exact_probabilities", "exact_thresholds")
        for name in names:
            require(name in record.arrays, f"the file must hold {name}")
        self.bounds, self.thresholds = (record.arrays[name].astype(np.float64).ravel() for name in names)
        self.shares = self.bounds
        if self.votes and certificate.settings.runner_up:
            rivals = record.arrays["rivals"].astype(np.float64).ravel()
            require(rivals.shape == self.bounds.shape, "rivals: one per node")
            self.shares = np.array([share_of_lead(*pair) for pair in zip(self.bounds, rivals, strict=True)])
        self.groups = record.arrays["groups"].ravel().astype(np.int64)
        if not self.votes:
            self._check_halves()
        self.by_share = (self.shares > 0.5) & (self.thresholds > 0)

    def _check_halves(self) -> None:
        """Means and thresholds at half the error level each."""
        counted = halved(self.certificate.counted)
        histogram, pilot = counted.histograms()
        lower = mean_lower(histogram, mean_levels(counted))
        shape = (self.certificate.nodes,)
        require(self.shares.shape == shape, "exact_probabilities: one per node")
        require((self.shares <= lower * (1 + _ROUNDING)).all(), "a mean is higher than its histogram gives")
        soft_plan(counted).check(self.thresholds, histogram, pilot, weights=counted.pilot_weights())
        shown = self.record.arrays["thresholds"].ravel()
        good = shown.shape == shape and (self.thresholds <= shown * (1 + _ROUNDING)).all()
        require(good, "exact_thresholds: none may be above the threshold that is shown")

    def prove(self, claim: CollectiveCertificate, targets: np.ndarray | None) -> None:
        """Raise CertificateError unless every budget is proven, and every ceiling is what an attack leaves."""
        counted = np.ones(self.shares.size, dtype=bool) if targets is None else targets
        by_shares, orders = claim.proof.shares, claim.proof.orders
        good = (
            by_shares is not None and orders is not None and claim.method == "exact" and claim.proof.integer
        )
        require(good, "proof: shares and orders belong to the method exact, with whole units")
        assert by_shares is not None
        assert orders is not None
        budgets = len(claim.budgets)
        require(
            by_shares.shape == orders.shape == (budgets,), f"proof: shares and orders need {budgets} entries"
        )
        plain = replace(claim, proof=replace(claim.proof, shares=None, orders=None))
        proven = np.zeros(budgets, dtype=np.int64)
        for order in np.unique(orders[~by_shares]).tolist():
            checked = self._claim(plain, order, counted)
            for budget in np.flatnonzero(~by_shares & (orders == order)).tolist():
                proven[budget] = proven_standing(checked, budget)
        shape = self._claim(plain, STORED, counted)  # whose constructor looks at the form of everything
        alone = self.votes and not self.certificate.settings.runner_up
        shares = ShareClaim(
            self._levels(),
            self.shares,
            self.certificate.clusters,
            counted & self.by_share if alone else counted,
            self.certificate.caps,
            None if alone else (self.weights, self.thresholds, self.groups),
        )
        self._prove_by_shares(shape, shares, by_shares, proven)
        self._check_ceilings(shape, shares, counted)

    def _levels(self) -> list[np.ndarray]:
        """Flip probabilities of attributes, and of edges where they are flipped."""
        names = (
            ("noise_levels", "edge_levels") if self.certificate.settings.flips_edges else ("noise_levels",)
        )
        return [self.record.arrays[name].astype(np.float64) for name in names]

    def _claim(self, plain: CollectiveCertificate, order: int, counted: np.ndarray) -> Claim:
        """What `verify` reads, with the thresholds of one order."""
        thresholds, groups = self.thresholds, self.groups
        if order != STORED:
            known = self.certificate.settings.orders if self.votes else ()
            require(0 <= order < len(known), f"proof: there is no order {order}")
            thresholds, rivals = vote_threshold(self.bounds, known[order]), None
            if self.certificate.settings.runner_up:
                rivals = self.record.arrays["rivals"].astype(np.float64)
                thresholds = vote_threshold_against(self.bounds, rivals, known[order])
            check_vote_thresholds(thresholds, self.bounds, np.full(thresholds.size, known[order]), rivals)
            groups = self.certificate.clusters * len(known) + order
        return Claim(plain, self.weights, thresholds, groups, counted)

    def _prove_by_shares(
        self, claim: Claim, shares: ShareClaim, by_shares: np.ndarray, proven: np.ndarray
    ) -> None:
        """Go through the budgets, the largest first: what holds there holds at smaller ones."""
        whole = np.floor(claim.budgets).astype(np.int64)
        for budget in sorted(range(len(whole)), key=lambda one: -int(whole[one].sum())):
            count = int(claim.certified[budget])
            above = (whole >= whole[budget]).all(axis=1)
            if count <= proven[above].max():
                continue
            units = tuple(whole[budget].tolist())
            good = by_shares[budget] and shares.proves(units, shares.total - count)
            require(good, f"certified[{budget}] must be proven; {count} is not")
            proven[budget] = count

    def _check_ceilings(self, claim: Claim, shares: ShareClaim, counted: np.ndarray) -> None:
        for budget, ceiling in enumerate(claim.ceiling.tolist()):
            allocation = claim.allocation[budget]
            good = (np.isfinite(allocation) & (allocation >= 0) & (allocation == np.floor(allocation))).all()
            require(good, f"allocation[{budget}] must be whole units")
            within = (allocation.sum(axis=1) <= claim.budgets[budget]).all()
            fits = self.certificate.caps is None or (allocation <= self.certificate.caps).all()
            require(within and fits, f"allocation[{budget}] must stay within the budget and the caps")
            standing = self._standing(shares, allocation.astype(np.int64), counted)
            require(ceiling >= standing, f"ceiling[{budget}] must be at least {standing}; got {ceiling}")
            certified = int(claim.certified[budget])
            require(certified <= ceiling, f"certified[{budget}] must not exceed its ceiling")
            good = claim.status[budget] != Status.OPTIMAL or certified == ceiling
            require(good, f"status[{budget}] says optimal, but certified and ceiling differ")

    def _standing(self, shares: ShareClaim, allocation: np.ndarray, counted: np.ndarray) -> int:
        """Claiming nodes that an allocation (K, P) leaves; of soft scores and rivals, by either of their bounds."""
        pairs = [tuple(units) for units in allocation.T.tolist()]
        if self.votes and not self.certificate.settings.runner_up:
            return shares.total - shares.surely_fallen(pairs)
        needed = [shares.needed(group, pairs) for group in range(shares.size)]
        costs = self._costs(allocation)
        standing = 0
        for node in np.flatnonzero(counted).tolist():
            share, threshold = float(self.shares[node]), float(self.thresholds[node])
            by_share = share > 0.5 and Fraction(share) > needed[int(self.certificate.clusters[node])]
            cost = costs[int(self.groups[node])]
            by_threshold = threshold > 0 and cost is not None and Fraction(threshold) > cost
            standing += by_share or by_threshold
        return standing

    def _costs(self, allocation: np.ndarray) -> list[Fraction | None]:
        """What an allocation costs against every row of the weights; None if it breaks the row's guarantee."""
        costs: list[Fraction | None] = []
        for rows in np.moveaxis(self.weights, 1, 0):
            touched = rows[allocation > 0]
            if np.isinf(touched).any():
                costs.append(None)
                continue
            spent = allocation[allocation > 0].tolist()
            terms = (Fraction(weight) * units for weight, units in zip(touched.tolist(), spent, strict=True))
            costs.append(sum(terms, Fraction(0)))
        return costs


def share_of_lead(label: float, rival: float) -> float:
    """The larger of a label's share and `(1 + label - rival) / 2`, from exact fractions, rounded down."""
    lead = (1 + Fraction(float(label)) - Fraction(float(rival))) / 2
    down = float(lead)
    while Fraction(down) > lead:
        down = math.nextafter(down, 0.0)
    return max(float(label), down)
