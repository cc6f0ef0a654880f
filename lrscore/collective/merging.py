"""Several certificates of the same budgets put together: at each budget the one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lrscore.collective.certificate import CollectiveCertificate
from lrscore.collective.steps import Integers


def merged(
    certificates: Sequence[CollectiveCertificate], chosen: Integers, names: Integers
) -> CollectiveCertificate:
    """One certificate that claims at every budget what the chosen one of several claims there.

    Each kind of thresholds has a number; `proof.orders` of the result says whose thresholds a budget's proof refers to.

    certificates: of the same budgets, threat and rows of weights; chosen: (M,) which of them counts at each budget;
    names: the number of the thresholds that each of them was made from.
    """
    proofs = [one.proof for one in certificates]
    leaves = np.cumsum([0, *(len(proof.multipliers) for proof in proofs)])[:-1]
    nodes = np.cumsum([0, *(len(proof.split_groups) for proof in proofs)])[:-1]
    pick = (chosen, np.arange(chosen.size))
    proof = replace(
        proofs[0],
        multipliers=np.concatenate([proof.multipliers for proof in proofs]),
        roots=np.stack([proof.roots + first for proof, first in zip(proofs, nodes, strict=True)])[pick],
        split_groups=np.concatenate([proof.split_groups for proof in proofs]),
        split_values=np.concatenate([proof.split_values for proof in proofs]),
        children=np.concatenate(
            [
                np.where(proof.children < 0, -1, proof.children + first)
                for proof, first in zip(proofs, nodes, strict=True)
            ]
        ),
        leaf_multipliers=np.concatenate(
            [
                np.where(proof.leaf_multipliers < 0, -1, proof.leaf_multipliers + first)
                for proof, first in zip(proofs, leaves, strict=True)
            ]
        ),
        enumerated=np.stack([proof.enumerated for proof in proofs])[pick],
        orders=np.asarray(names)[chosen],
    )
    return replace(
        certificates[0],
        certified=np.stack([one.certified for one in certificates])[pick],
        ceiling=np.stack([one.ceiling for one in certificates])[pick],
        allocation=np.stack([one.allocation for one in certificates])[pick],
        status=tuple(certificates[which].status[budget] for budget, which in enumerate(chosen.tolist())),
        proof=proof,
    )
