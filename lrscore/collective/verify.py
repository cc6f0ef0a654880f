"""`verify`: re-check a certificate in rational arithmetic, sharing no code with the solver.

Inputs are first rounded outward by one unit in the last place (thresholds down, weights up), which covers their own
rounding. From then on floats only sort and preselect; whatever enters a sum is an exact fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from lrscore.collective.certificate import CollectiveCertificate, Status
from lrscore.collective.rational import (
    ZERO,
    Side,
    exact_sum,
    fill,
    float_below,
    linear_maximum,
    relaxed_maximum,
)
from lrscore.collective.verify_inputs import ROUNDING, Claim, Floats, require
from lrscore.collective.verify_listing import listed_attack
from lrscore.collective.verify_work import spend
from lrscore.errors import CertificateError


def verify(
    certificate: CollectiveCertificate,
    weights: ArrayLike | Sequence[ArrayLike],
    thresholds: ArrayLike,
    groups: ArrayLike,
    *,
    targets: ArrayLike | None = None,
) -> None:
    """Raise CertificateError unless every claim follows from the proof.

    Checked exactly: that the proof shows `certified` at every budget (or at a larger budget, which is enough), and
    that `allocation` is admissible and leaves exactly `ceiling` outputs standing.

    certificate: from `certify_collectively` or a file; weights, thresholds, groups, targets: as given there. Caps and
    the restriction to whole units are part of the claim and are read from `certificate.proof`.
    """
    try:
        with np.errstate(over="raise", invalid="raise"):
            check_claims(Claim(certificate, weights, thresholds, groups, targets))
    except FloatingPointError as error:
        raise CertificateError(
            f"the proof's numbers must stay within the range of doubles ({error})"
        ) from error


def check_claims(claim: Claim) -> None:
    """Raise CertificateError unless counts, ceilings and statuses of all budgets follow from the proof."""
    proven = np.array(
        [proven_standing(claim, budget) for budget in range(len(claim.budgets))], dtype=np.int64
    )
    for budget, count in enumerate(claim.certified.tolist()):
        most = proven[(claim.budgets >= claim.budgets[budget]).all(axis=1)].max()
        require(
            count <= most,
            f"certified[{budget}] must be at most {most}, what the proof shows; got {count}",
        )
    for budget, count in enumerate(claim.ceiling.tolist()):
        standing = claim.n_targets - attacked(claim, budget)
        require(
            count == standing,
            f"ceiling[{budget}] must be {standing}, what the allocation leaves; got {count}",
        )
        good = claim.status[budget] != Status.OPTIMAL or claim.certified[budget] == count
        require(good, f"status[{budget}] says optimal, but certified and ceiling differ")


def attacked(claim: Claim, budget: int) -> int:
    """Exactly the outputs that one stored allocation takes down, on inputs as given; it must be admissible."""
    shares = claim.allocation[budget]  # (K, J)
    good = (np.isfinite(shares) & (shares >= 0) & (shares <= claim.proof.caps)).all()
    require(good, f"allocation[{budget}] must be nonnegative and within the caps")
    if claim.proof.integer:
        require((shares == np.floor(shares)).all(), f"allocation[{budget}] must be whole units")
    for row, limit in zip(shares, claim.budgets[budget].tolist(), strict=True):
        spend(row.size)
        total = exact_sum(row.tolist())
        require(total <= Fraction(limit), f"allocation[{budget}] must stay within the budget {limit}")
    hits, used = 0, shares > 0
    broken = (claim.infinite & used[:, None]).any(axis=(0, 2))
    with np.errstate(over="ignore"):
        rough = np.einsum("kij,kj->i", np.where(claim.infinite, 0.0, claim.weights), shares)
        margin = ROUNDING * (shares.size + 1)
        around = np.stack([rough * (1 - margin), rough * (1 + margin)], axis=1)
    for group, levels in enumerate(claim.raw_levels):
        if broken[group]:
            hits += levels.size
            continue
        low, high = levels.searchsorted(around[group], side="right")
        # A threshold is met exactly, or nearly: let fractions decide
        if low != high or not np.isfinite(rough[group]):
            pairs = zip(claim.weights[:, group][used].tolist(), shares[used].tolist(), strict=True)
            exact = sum((Fraction(weight) * Fraction(share) for weight, share in pairs), ZERO)
            low = levels.searchsorted(float_below(exact), side="right")
        hits += int(low)
    return hits


def proven_standing(claim: Claim, budget: int) -> int:
    """What the proof shows at one budget, or what needs no proof (every output attacked with everything), if larger."""
    limits = claim.budgets[budget]
    caps = claim.proof.caps
    if claim.proof.integer:
        limits, caps = np.floor(limits), np.floor(caps)
    spent = [min(Fraction(limit), total_of(row)) for limit, row in zip(limits.tolist(), caps, strict=True)]
    if claim.proof.enumerated[budget]:
        require(claim.proof.integer, f"enumerated[{budget}] needs whole units")
        return claim.n_targets - listed_attack(claim, spent, caps)
    root = root_box(claim, spent, caps)
    lost = sum(claim.levels[group].size for group, side in enumerate(root) if side is None)
    naive = Fraction(lost + int(claim.tables.levels.ranks(root)[1].sum()))
    claimed = claim.n_targets - int(claim.certified[budget])
    return claim.n_targets - int(
        min(naive, tree_bound(claim, int(claim.proof.roots[budget]), root, spent, caps, claimed))
    )


def total_of(caps: Floats) -> Fraction:
    """What the caps of one kind allow in total (beyond every budget if one is infinite)."""
    return Fraction(2**1100) if np.isinf(caps).any() else exact_sum(caps.tolist())


def root_box(claim: Claim, spent: list[Fraction], caps: Floats) -> list[Side | None]:
    """Exact ends of what full spending can reach per group; None where spending in an infinite weight is possible."""
    usable = (caps > 0) & np.array([total > 0 for total in spent])[:, None]
    lost = (claim.infinite & usable[:, None]).any(axis=(0, 2))
    uncapped = bool(np.isinf(caps).all())
    known: dict[
        tuple[tuple[float, ...], ...], Side
    ] = {}  # groups whose weights have the same extremes reach the same
    sides: list[Side | None] = []
    for group in range(claim.n_groups):
        if lost[group]:
            sides.append(None)
            continue
        if not uncapped:
            sides.append(filled_side(claim.rounded[:, group], spent, caps))
            continue
        if (ends := claim.extremes[group]) not in known:
            lower, upper = (
                sum((Fraction(weight) * total for weight, total in zip(row, spent, strict=True)), ZERO)
                for row in ends
            )
            known[ends] = Side(lower, upper)
        sides.append(known[ends])
    return sides


def filled_side(rows: Floats, spent: list[Fraction], caps: Floats) -> Side:
    """What full spending within caps can reach in one group of weights (K, J)."""
    lower, upper = ZERO, ZERO
    for row, total, limits in zip(np.where(np.isinf(rows), 0.0, rows), spent, caps, strict=True):
        order = np.argsort(row)
        lower += fill(row[order].tolist(), limits[order], total)
        upper += fill(row[order[::-1]].tolist(), limits[order[::-1]], total)
    return Side(lower, upper)


def tree_bound(
    claim: Claim, root: int, box: list[Side | None], spent: list[Fraction], caps: Floats, claimed: int
) -> Fraction:
    """Upper bound on the attack: the largest over the leaves, whose boxes cover the root by construction.

    Leaves are not looked at closer than it takes to show that at most `claimed` outputs fall.
    """
    proof, worst = claim.proof, ZERO
    stack, seen = [(root, box, -1)], set()
    while stack:
        node, sides, parent = stack.pop()
        good = parent < node < len(proof.split_groups) and node not in seen
        require(good, f"proof: node {node} is out of order, out of range or met twice")
        seen.add(node)
        spend(1 + claim.n_groups)
        group = int(proof.split_groups[node])
        if group < 0:
            leaf = int(proof.leaf_multipliers[node])
            value = leaf_bound(claim, leaf, sides, spent, caps)
            if int(value) > claimed:
                value = min(value, floored_bound(claim, leaf, sides, spent, caps, value))
            worst = max(worst, value)
            continue
        place = float(proof.split_values[node])
        require(group < claim.n_groups and np.isfinite(place), f"proof: node {node} splits nothing")
        side = sides[group]
        require(side is not None, f"proof: node {node} splits a group that is lost")
        assert side is not None
        for child, half in zip(proof.children[node].tolist(), side.halves(Fraction(place)), strict=True):
            if half is not None:
                stack.append((child, [*sides[:group], half, *sides[group + 1 :]], node))
    return worst


def leaf_bound(
    claim: Claim, leaf: int, sides: list[Side | None], spent: list[Fraction], caps: Floats
) -> Fraction:
    """`sum_i max (G_i(s) - y_i s) + max (y W) b`: no admissible attack within the box takes down more."""
    require(0 <= leaf < len(claim.proof.multipliers), f"proof: there are no multipliers {leaf}")
    numbers = claim.proof.multipliers[leaf].tolist()
    slopes = [ZERO if side is None else Fraction(number) for number, side in zip(numbers, sides, strict=True)]
    if claim.method == "paper":
        slopes = [max(slope, ZERO) for slope in slopes]
        value = sum(
            (
                relaxed_maximum(levels, slope, side)
                for levels, slope, side in zip(claim.levels, slopes, sides, strict=True)
            ),
            ZERO,
        )
    else:
        value = claim.tables.of(leaf).step_maxima(sides)
    for kind, (rows, total, limits) in enumerate(zip(claim.rounded, spent, caps, strict=True)):
        if np.isinf(limits).all():
            value += total * claim.tables.steepest(leaf, kind, tuple(side is None for side in sides), slopes)
        else:
            value += linear_maximum(np.where(np.isinf(rows), 0.0, rows), slopes, total, limits)
    return value


def floored_bound(
    claim: Claim,
    leaf: int,
    sides: list[Side | None],
    spent: list[Fraction],
    caps: Floats,
    otherwise: Fraction,
) -> Fraction:
    """The tighter bound where one budget can be spent anywhere and weights take few values, else `otherwise`."""
    if claim.method == "paper" or not np.isinf(caps).all():
        return otherwise
    found = claim.floors.bound(claim.tables.of(leaf), sides, spent[0])
    return otherwise if found is None else found
