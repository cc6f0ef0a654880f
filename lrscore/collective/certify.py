"""`certify_collectively`: from weights and thresholds to a certificate with proof and ceiling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypedDict, TypeVar, Unpack

import numpy as np
from numpy.typing import ArrayLike

from lrscore.collective.branching import Limits
from lrscore.collective.certificate import METHODS, CollectiveCertificate
from lrscore.collective.engine import Engine
from lrscore.collective.inputs import Matrices
from lrscore.collective.problem import Threat, build_problem
from lrscore.errors import SettingsError


class _Keywords(TypedDict, total=False):
    """The fields of `Threat` and `Limits` as keywords of their own."""

    caps: ArrayLike | None
    targets: ArrayLike | None
    integer: bool
    time_limit: float | None
    node_limit: int
    cancel: Callable[[], bool] | None


def certify_collectively(
    weights: Matrices,
    thresholds: ArrayLike,
    groups: ArrayLike,
    budgets: ArrayLike,
    *,
    method: str = "envelope",
    threat: Threat | None = None,
    limits: Limits | None = None,
    bins: int | None = None,
    attacks: bool = True,
    **keywords: Unpack[_Keywords],
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
        From 100 groups on, programs are solved to six digits and not at every budget: "paper" and "envelope" may stay
        below what they could prove, by an estimated 0.3 % of the outputs at most.
    threat: what the adversary may do beside its budgets, see `Threat`; None: no caps, all outputs count, fractions of a
        unit are spent. `verify` needs the threat's targets, too.
    limits: for "exact" only: where the search stops and returns what it has proven, with that status; see `Limits`.
        Budgets that are not searched any more keep what the envelope proves.
    bins: for "paper" only: round thresholds down onto so many equal bins first, as published; None for none.
    attacks: whether strong attacks are looked for; without them ceilings are higher, and everything is sooner at hand.
    keywords: the fields of `threat` and `limits` by their own names (`caps`, `targets`, `integer`; `time_limit`,
        `node_limit`, `cancel`), instead of the objects.

    Raises InputError or SettingsError with a sentence that names the argument. Source: docs/theory.md, 4, after
    Schuchardt et al., ICLR 2023, arXiv 2210.16140, section 5.
    """
    threat = _either("threat", threat, Threat, keywords)
    limits = _either("limits", limits, Limits, keywords)
    if keywords:
        raise TypeError(f"certify_collectively has no keyword {', '.join(keywords)}")
    check_options(method, bins, limits)
    problem = build_problem(weights, thresholds, groups, budgets, threat)
    order = np.lexsort(problem.budgets.T[::-1])
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows proves nothing, see `proven_counts`
        engine = Engine(replace(problem, budgets=problem.budgets[order]), method, bins, attacks=attacks)
        if method == "exact":
            engine.refine(limits)
        return engine.certificate(np.argsort(order), int(np.size(thresholds)))


_Options = TypeVar("_Options", Threat, Limits)


def _either(name: str, given: _Options | None, kind: type[_Options], keywords: Any) -> _Options:
    """The object given, or one made of those of the keywords that are its fields, which are taken out."""
    own = {field.name: keywords.pop(field.name) for field in fields(kind) if field.name in keywords}
    if given is not None and own:
        raise SettingsError(f"{name} says what {', '.join(own)} say: give one or the other")
    return kind(**own) if given is None else given


def check_options(method: str, bins: int | None, limits: Limits) -> None:
    """Raise SettingsError for an option out of range."""
    if method not in METHODS:
        raise SettingsError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    if bins is not None and (method != "paper" or bins < 1):
        raise SettingsError(
            f"bins must be at least 1, and only with method 'paper'; got {bins} with {method!r}"
        )
    if limits.time_limit is not None and not limits.time_limit >= 0:
        raise SettingsError(f"time_limit must be None or at least 0 seconds; got {limits.time_limit}")
    if limits.node_limit < 1:
        raise SettingsError(f"node_limit must be at least 1; got {limits.node_limit}")
