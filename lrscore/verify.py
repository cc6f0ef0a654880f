"""Re-check a stored certificate from its counts: what anyone can do with nothing but the file.

Neither torch nor the model is needed. Every derived number in the file is checked by another route than the one that
made it: bounds by the binomial tail instead of its quantile, thresholds by the probability they need instead of its
inverse, collective counts by the dual proof in rational arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from lrscore.checks import Check, Prover, check_curve, check_plan
from lrscore.collective import CollectiveCertificate
from lrscore.collective.verify_work import MOST_WORK, TooMuchWork, at_most
from lrscore.errors import CertificateError, CertificateFileError, LrscoreError
from lrscore.files import certificate_of
from lrscore.graphs.verify import check_graph
from lrscore.graphs.verify_exact import exact_prover
from lrscore.images.verify import check_image
from lrscore.records import Record, read_record

_PARTICULAR: dict[str, Callable[[Record, Any], list[Check]]] = {"image": check_image, "graph": check_graph}
_PROVERS: dict[str, Callable[[CollectiveCertificate, Record, Any], Prover | None]] = {"graph": exact_prover}
"""Kinds whose curves may be proven by means of their own; None where a curve is not."""


def verify_file(path: str | PathLike[str], *, work: int = MOST_WORK) -> list[Check]:
    """Check everything a certificate file claims.

    Args:
        path: of the file.
        work: steps with exact fractions that its proofs may take in all.

    Returns:
        What was checked, in order.

    Raises:
        CertificateError: a claim does not follow from the counts.
        CertificateFileError: the file cannot be read, its parts contradict each other in form, or its proofs take more
            work than allowed.
    """
    record = read_record(path)
    certificate = certificate_of(record, path)
    try:
        with at_most(work):
            done = [check_plan(record, certificate), *_PARTICULAR[record.kind](record, certificate)]
            for name, arrays in record.curves.items():
                curve = CollectiveCertificate.from_arrays(arrays)
                own = _PROVERS[record.kind](curve, record, certificate) if record.kind in _PROVERS else None
                done.append(check_curve(name, curve, record, certificate, own))
    except CertificateError:
        raise
    except TooMuchWork as error:
        raise CertificateFileError(f"{Path(path).name} is not checked: {error}") from error
    except (LrscoreError, LookupError, ValueError, ArithmeticError) as error:  # what cannot even be compared
        raise CertificateFileError(f"{Path(path).name} is inconsistent: {error}") from error
    return done
