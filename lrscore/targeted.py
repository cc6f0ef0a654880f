"""Collective certificates that count some outputs only, stored with the mask of those outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrscore.collective import CollectiveCertificate
from lrscore.errors import CertificateFileError, InputError

TARGETED = "targets-"
"""How the names of stored curves begin that count the outputs of a mask only."""
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
_MASK = "targets"


@dataclass(frozen=True, eq=False)
class TargetedCurve:
    """A collective certificate of the outputs in a mask.

    The guarantee is the certificate's: thresholds hold together, so it holds for every mask, whenever it was chosen.

    Args:
        name: letters, digits and underscores.
        targets: (N,) bool, the outputs that are counted.
        curve: their collective certificate.

    Raises:
        InputError: another name.
    """

    name: str
    targets: np.ndarray
    curve: CollectiveCertificate

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InputError(f"a mask is named by letters, digits and underscores, got {self.name!r:.60}")


def target_mask(targets: object, outputs: int, what: str) -> np.ndarray:
    """(N,) bool from truth values or zeros and ones of any shape with so many entries.

    Raises:
        InputError: another number of entries, or other values.
    """
    mask = np.asarray(targets)
    if mask.size != outputs:
        raise InputError(f"targets must mark {outputs} {what}, got {mask.size}")
    if not np.isin(mask, (0, 1)).all():
        raise InputError(f"targets must be truth values or zeros and ones, got {mask.dtype}")
    return mask.astype(bool).ravel()


def targeted_arrays(curves: Sequence[TargetedCurve]) -> dict[str, dict[str, np.ndarray]]:
    """What a file holds of them, by the name of each curve."""
    return {
        f"{TARGETED}{one.name}-{one.curve.method}": {
            **one.curve.to_arrays(),
            _MASK: one.targets.astype(np.uint8),
        }
        for one in curves
    }


def targeted_curves(stored: Mapping[str, Mapping[str, Any]]) -> tuple[TargetedCurve, ...]:
    """The curves of a file that count the outputs of a mask."""
    return tuple(
        TargetedCurve(
            name.split("-")[1], stored_mask(name, arrays), CollectiveCertificate.from_arrays(arrays)
        )
        for name, arrays in stored.items()
        if name.startswith(TARGETED)
    )


def stored_mask(name: str, arrays: Mapping[str, Any]) -> np.ndarray:
    """(N,) bool of a stored curve.

    Raises:
        CertificateFileError: there is none, or it holds anything but zeros and ones.
    """
    mask = np.asarray(arrays.get(_MASK, ()))
    if not mask.size or not np.isin(mask, (0, 1)).all():
        raise CertificateFileError(f"curve {name} must hold the mask of its outputs, zeros and ones")
    return mask.astype(bool).ravel()
