"""`certify_collectively`: from weights and thresholds to a certificate with proof and ceiling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from lrscore.collective.branching import Limits
from lrscore.collective.certificate import METHODS, CollectiveCertificate
from lrscore.collective.engine import Engine
from lrscore.collective.inputs import Matrices
from lrscore.collective.problem import Threat, build_problem
from lrscore.errors import SettingsError


def certify_collectively(
    weights: Matrices,
    thresholds: ArrayLike,
    groups: ArrayLike,
    budgets: ArrayLike,
    *,
    method: str = "envelope",
    caps: ArrayLike | None = None,
    targets: ArrayLike | None = None,
    integer: bool = False,
    bins: int | None = None,
    time_limit: float | None = None,
    node_limit: int = 2000,
    cancel: Callable[[], bool] | None = None,
) -> CollectiveCertificate:
    """How many outputs keep their label for every perturbation within each budget, proven; and the best attack found.

    Output n of group i falls only if `sum_j weights[i, j] * b_j >= thresholds[n]`, where `b_j >= 0` is what the
    adversary spends in region j and `sum_j b_j <= budget`. Guarantee: see `CollectiveCertificate`.

    weights: (I, J) at least 0, or a sequence of K such matrices, one per budget kind, whose costs add. 0: the region
        does not matter to the group (strictly local); infinite: any spending there takes the whole group down.
    thresholds: (N,); at most 0 (or below 1e-290) means abstain, never counted; infinite never falls.
    groups: (N,) integers in [0, I).
    budgets: (M,), or (M, K) for a sequence of K matrices; finite, at least 0, in additive form (eps**2 for l2, eps for
        l1, counts for l0), in any order.
    method: "naive" (every output attacked with everything), "paper" (the published linear program, never below
        naive), "envelope" (concave envelopes of the step functions, never below paper), "exact" (branch and bound).
    caps: (J,) or (K, J), most that can be spent in a region; None for no limit.
    targets: (N,) booleans, outputs to count (for example those that are also correct); None for all. `verify` needs
        them, too.
    integer: whether only whole units are spent (counts); budgets and caps are rounded down.
    bins: for "paper" only: round thresholds down onto so many equal bins first, as published; None for none.
    time_limit, node_limit: for "exact" only: seconds and boxes per budget after which the proven bound so far is
        returned, with that status.
    cancel: for "exact" only: asked before every box; True ends the search like a time limit that has passed, and
        budgets not searched yet keep what the envelope proves.

    Raises InputError or SettingsError with a sentence that names the argument. Source: docs/theory.md, 4, after
    Schuchardt et al., ICLR 2023, arXiv 2210.16140, section 5.
    """
    check_options(method, bins, time_limit, node_limit)
    problem = build_problem(weights, thresholds, groups, budgets, Threat(caps, targets, integer))
    order = np.lexsort(problem.budgets.T[::-1])
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows proves nothing, see `proven_counts`
        engine = Engine(replace(problem, budgets=problem.budgets[order]), method, bins)
        if method == "exact":
            engine.refine(Limits(time_limit, node_limit, cancel))
        return engine.certificate(np.argsort(order), int(np.size(thresholds)))


def check_options(method: str, bins: int | None, time_limit: float | None, node_limit: int) -> None:
    """Raise SettingsError for an option out of range."""
    if method not in METHODS:
        raise SettingsError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    if bins is not None and (method != "paper" or bins < 1):
        raise SettingsError(
            f"bins must be at least 1, and only with method 'paper'; got {bins} with {method!r}"
        )
    if time_limit is not None and not time_limit >= 0:
        raise SettingsError(f"time_limit must be None or at least 0 seconds; got {time_limit}")
    if node_limit < 1:
        raise SettingsError(f"node_limit must be at least 1; got {node_limit}")
