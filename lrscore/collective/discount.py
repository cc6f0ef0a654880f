"""What the count-level correction takes from a collective certificate, and gives back to `verify`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrscore.collective import CollectiveCertificate, Status


def discounted(certificate: CollectiveCertificate, discount: int) -> CollectiveCertificate:
    """Subtract the outputs whose bounds may fail under a count-level correction, never below 0."""
    if discount == 0:
        return certificate
    status = tuple(Status.RELAXED if given == Status.OPTIMAL else given for given in certificate.status)
    return replace(certificate, certified=np.maximum(certificate.certified - discount, 0), status=status)


def undiscounted(certificate: CollectiveCertificate, discount: int) -> CollectiveCertificate:
    """The claim that a discounted certificate rests on: what `verify` must be able to prove.

    A count of 0 claims nothing whatever was subtracted from it, and stays.
    """
    if discount == 0:
        return certificate
    return replace(
        certificate, certified=np.where(certificate.certified > 0, certificate.certified + discount, 0)
    )
