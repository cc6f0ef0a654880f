"""What one certificate achieves on its picture, small enough to keep for hundreds of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lrscore.errors import CertificateFileError, told
from lrscore.faults import report_fault
from lrscore.files import load_certificate
from lrscore.images.baselines import segcertify
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.metrics import VOID, certified_ratio, class_counts
from ui.certification.stopped import stopped_words
from ui.compare.methods import SEGCERTIFY, Counting, countings
from ui.images.curves import CurveSet, compute_curves
from ui.images.runs import pass_cost
from ui.images.states import Count, counted_pixels
from ui.library.entries import Entry
from ui.library.file_memory import FileMemory


@dataclass(frozen=True, eq=False)
class Counted:
    """One way to count one certificate.

    Args:
        certified: (M,) certified counts at the curves' budgets.
        answered: pixels with a prediction.
        classes: (3, classes) right, present and predicted pixels of every class, or None without a reference.
    """

    certified: np.ndarray
    answered: int
    classes: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Outcome:
    """One certificate on its picture.

    Args:
        curves: certified counts by budget; the published relaxation at every budget.
        counted: by way to count; branch and bound is not among them, it is added from what has been searched.
        pixels: of the picture.
        referenced: whether the picture has reference labels.
        passes: forward passes that its samples took; a pair of views counts as what it costs.
        alpha: error probability; of the invalid correction too, see `valid`.
        valid: False for a correction that carries no guarantee.
        norm: of the budgets.
        settings: of the certificate.
        gains: (M,) certified information gain at the curves' budgets, by the envelope.
        coarse: whether labels may be groups of classes; else the gain is the certified share.
        problem: why the file can not be used, or None; then nothing else means anything.
        stopped: how far its run came, if it was stopped before its end; else nothing.
    """

    curves: CurveSet | None = None
    counted: Mapping[Counting, Counted] = field(default_factory=dict)
    pixels: int = 0
    referenced: bool = False
    passes: int = 0
    alpha: float = 0.0
    valid: bool = True
    norm: str = ""
    settings: ImageSettings | None = None
    gains: np.ndarray | None = None
    coarse: bool = False
    problem: str | None = None
    stopped: str = ""

    @property
    def closed(self) -> bool:
        """Whether nothing is left for branch and bound: the envelope reaches the ceiling everywhere."""
        return self.curves is not None and bool((self.curves.envelope == self.curves.ceiling).all())


class OutcomeMemory(FileMemory[Entry, Outcome]):
    """Outcomes that have been computed, by file and version.

    Args:
        count: what their certified numbers count.
    """

    def __init__(self, count: Count, capacity: int = 600) -> None:
        super().__init__(lambda entry: _read_outcome(entry, count), capacity)


def _read_outcome(entry: Entry, count: Count) -> Outcome:
    """The outcome of a file; one that can not be read is an outcome with a problem."""
    try:
        certificate = load_certificate(entry.path)
    except CertificateFileError as error:
        return Outcome(problem=told(error))
    if not isinstance(certificate, ImageCertificate):
        return Outcome(problem=f"{entry.path.name} is no certificate of an image")
    try:
        return outcome_of(certificate, count)
    except Exception as error:  # one bad file must not take the page from everybody
        mark = report_fault(error, f"outcome of {entry.path.name}")
        return Outcome(problem=f"{entry.path.name} is read, but can not be counted (error {mark})")


def outcome_of(certificate: ImageCertificate, count: Count) -> Outcome:
    """Count one certificate in every way that costs no search.

    Args:
        count: "correct" counts pixels with the right label, where there is a reference; "all" every pixel.
    """
    curves = compute_curves(certificate, count, paper_stride=1)
    ways = countings(certificate.settings)
    found = {}
    for name, counts in (("naive", curves.naive), ("paper", curves.paper), ("envelope", curves.envelope)):
        if name in ways:
            found[name] = _counted(certificate, counts, certificate.abstained)
    if "radii" in ways:  # one group: all ways to count agree, the tightest also at the very edge of a radius
        found["radii"] = _counted(certificate, curves.envelope, certificate.abstained)
    for name in ways:
        if name in SEGCERTIFY and int(certificate.trials.min()) == certificate.settings.samples:
            fixed = segcertify(certificate, SEGCERTIFY[name])
            counts = fixed.certified(curves.epsilons, counted_pixels(certificate, count))
            found[name] = _counted(certificate, counts, fixed.abstained)
    return Outcome(
        curves=curves,
        counted=found,
        pixels=certificate.labels.size,
        referenced=certificate.reference is not None,
        passes=round(copies_drawn(certificate) * pass_cost(certificate.settings, certificate.shape)),
        alpha=certificate.settings.alpha,
        valid=certificate.promised,
        norm=certificate.noise.norm,
        settings=certificate.settings,
        gains=_gains(certificate, curves, count),
        coarse=certificate.settings.hierarchy,
        stopped=stopped_words(certificate),
    )


def _gains(certificate: ImageCertificate, curves: CurveSet, count: Count) -> np.ndarray:
    if not certificate.settings.hierarchy:
        return certified_ratio(curves.envelope, curves.outputs)
    correct = count == "correct" and certificate.reference is not None
    return certificate.information_gain(certificate.noise.budget(curves.epsilons), correct=correct)


def copies_drawn(certificate: ImageCertificate) -> int:
    """Noisy copies that went through the model: fewer than planned where sampling stopped early.

    Groups with equal levels share their copies as long as they draw equally many; never understated.
    """
    alike = certificate.settings.shared_copies()
    estimation = sum(int(np.unique(certificate.trials[list(groups)]).sum()) for groups in alike)
    return len(alike) * certificate.settings.pilot_samples + estimation


def _counted(certificate: ImageCertificate, certified: np.ndarray, abstained: np.ndarray) -> Counted:
    classes = None
    if certificate.reference is not None:
        number = max(len(certificate.class_names), VOID)
        classes = class_counts(
            certificate.labels, certificate.reference, number, abstained | certificate.coarse
        )
    return Counted(np.asarray(certified), int((~abstained).sum()), classes)
