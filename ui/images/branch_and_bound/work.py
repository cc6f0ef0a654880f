"""Branch and bound at chosen budgets: closes most of the gap between the envelope and the ceiling.

What it proves at one budget holds at every smaller one, and a ceiling holds at every larger one; so a few budgets lift
the whole curve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from jobs import JobHandle
from lrscore.collective import CollectiveCertificate, Limits
from lrscore.errors import Cancelled
from lrscore.images.certificate import ImageCertificate
from ui.images.curves import CurveSet
from ui.images.states import Count, counted_pixels
from ui.running.found_store import FoundStore

SECONDS = 5.0
"""Time for one budget; what is proven by then holds."""


@dataclass(frozen=True, eq=False)
class SharpPoint:
    """What branch and bound found at one budget.

    Args:
        index: position of the budget in the curves.
        certified: proven count, discount subtracted.
        ceiling: no method can prove more.
        allocation: (J,) worst attack found.
        status: why the search ended.
        proof: the collective certificate at this one budget, for the certificate file.
    """

    index: int
    certified: int
    ceiling: int
    allocation: np.ndarray
    status: str
    proof: CollectiveCertificate


class SharpStore(FoundStore[SharpPoint]):
    """Points; of two at one budget, the one that proves more stays."""

    def __init__(self, capacity: int = 24) -> None:
        super().__init__(lambda point: point.index, lambda point: point.certified, capacity)


def sharpened(curves: CurveSet, points: Sequence[SharpPoint]) -> CurveSet:
    """The curves with everything that branch and bound has proven."""
    if not points:
        return curves
    exact, ceiling, allocation = (
        np.zeros_like(curves.envelope),
        curves.ceiling.copy(),
        curves.allocation.copy(),
    )
    for point in points:
        exact[point.index] = point.certified
        if point.ceiling < ceiling[point.index]:
            ceiling[point.index] = point.ceiling
            allocation[point.index] = point.allocation
    exact = np.maximum.accumulate(exact[::-1])[::-1]  # proven here, proven for every smaller budget
    for index in range(1, len(ceiling)):  # an attack with a smaller budget is an attack
        if ceiling[index - 1] < ceiling[index]:
            ceiling[index], allocation[index] = ceiling[index - 1], allocation[index - 1]
    return replace(
        curves,
        exact=exact,
        searched=tuple(point.index for point in points),
        ceiling=ceiling,
        allocation=allocation,
    )


def strongest(points: Sequence[SharpPoint]) -> list[SharpPoint]:
    """Of several points at one budget the one that proves most, with the lowest ceiling of all."""
    best: dict[int, SharpPoint] = {}
    for point in points:
        other = best.get(point.index)
        if other is None:
            best[point.index] = point
            continue
        proof, attack = max(point, other, key=_certified), min(point, other, key=_ceiling)
        best[point.index] = replace(proof, ceiling=attack.ceiling, allocation=attack.allocation)
    return list(best.values())


def _certified(point: SharpPoint) -> int:
    return point.certified


def _ceiling(point: SharpPoint) -> int:
    return point.ceiling


def with_proofs(
    certificate: ImageCertificate, counting_all: Sequence[SharpPoint], counting_correct: Sequence[SharpPoint]
) -> ImageCertificate:
    """The certificate with everything that branch and bound has proven attached: its file holds it, `verify` checks it.

    The curve that a file holds anyway comes first.
    """
    if not counting_all and not counting_correct:
        return certificate
    curves = certificate.curves or (certificate.collective(certificate.default_budgets()),)
    return replace(
        certificate,
        curves=(*curves, *(point.proof for point in counting_all)),
        correct_curves=(*certificate.correct_curves, *(point.proof for point in counting_correct)),
    )


def stored_points(certificate: ImageCertificate, curves: CurveSet, count: Count) -> list[SharpPoint]:
    """What branch and bound had proven when the certificate was stored, at budgets of the curves.

    Budgets between two of the curves' count for the smaller one: what is proven there holds at every smaller budget.
    """
    counts_correct = counted_pixels(certificate, count) is not None
    known = certificate.correct_curves if counts_correct else certificate.curves
    additive = certificate.noise.budget(curves.epsilons)
    points = []
    for proof in (proof for proof in known if proof.method == "exact"):
        for place, budget in enumerate(np.asarray(proof.budgets, dtype=np.float64).ravel()):
            index = int(np.searchsorted(additive, budget * (1 + 1e-9), side="right")) - 1
            reached = abs(float(additive[index]) - budget) <= 1e-9 * budget
            points.append(
                SharpPoint(
                    index,
                    int(proof.certified[place]),
                    int(proof.ceiling[place] if reached else curves.ceiling[index]),
                    proof.allocation[place] if reached else curves.allocation[index],
                    str(proof.status[place]),
                    proof,
                )
            )
    return points


def spread_budgets(curves: CurveSet, count: int = 10) -> list[int]:
    """Budgets worth a search: dense where envelope and ceiling are far apart, the largest gaps first."""
    gap = (curves.ceiling - curves.proven).astype(np.float64)
    if gap.sum() == 0:
        return []
    reached = np.cumsum(gap) / gap.sum()
    picked = {int(np.searchsorted(reached, (place + 0.5) / count)) for place in range(count)}
    return sorted(picked, key=lambda index: -gap[index])


def search_work(
    certificate: ImageCertificate,
    curves: CurveSet,
    count: Count,
    indices: Sequence[int],
    keep: Callable[[SharpPoint], None],
) -> Callable[[JobHandle], int]:
    """A job that searches at every one of the budgets and hands each point over as it is found.

    A search that is cancelled hands over what it has proven by then.
    """

    def work(handle: JobHandle) -> int:
        handle.progress(0, len(indices))
        for done, index in enumerate(indices, start=1):
            keep(search(certificate, curves, count, index, cancel=handle.cancelled))
            handle.publish(done)
            handle.progress(done, len(indices))
            if handle.cancelled():
                raise Cancelled
        return len(indices)

    return work


def search(
    certificate: ImageCertificate,
    curves: CurveSet,
    count: Count,
    index: int,
    *,
    seconds: float = SECONDS,
    cancel: Callable[[], bool] | None = None,
) -> SharpPoint:
    """Branch and bound at one budget, for so many seconds or until `cancel` says True."""
    budget = certificate.noise.budget(float(curves.epsilons[index]))
    found = certificate.collective(
        np.array([budget]),
        "exact",
        counted_pixels(certificate, count),
        limits=Limits(time_limit=seconds),
        cancel=cancel,
    )
    return SharpPoint(
        index,
        int(found.certified[0]),
        int(found.ceiling[0]),
        found.allocation[0],
        str(found.status[0]),
        found,
    )
