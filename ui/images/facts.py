"""The number, the claim it stands for, and the facts without which it means nothing."""

from __future__ import annotations

from math import floor

from markupsafe import Markup

from lrscore.images.certificate import ImageCertificate
from ui.certification.claim import claim_piece, common_facts
from ui.images.curves import CurveSet
from ui.images.states import Count
from ui.style.templates import render
from ui.style.words import counted, share


def claim_html(
    certificate: ImageCertificate, curves: CurveSet, index: int, count: Count, epsilon: str
) -> Markup:
    """The certified share at one budget, in large type, and what it claims."""
    proven = int(curves.proven[index])
    return claim_piece(certificate, proven, curves.outputs, claim(certificate, count, epsilon) + ".")


def _planned_copies(certificate: ImageCertificate) -> int:
    """Estimation copies that the settings announce, over all groups."""
    return certificate.settings.samples * certificate.trials.size


def facts_html(certificate: ImageCertificate, curves: CurveSet, index: int) -> Markup:
    """Confidence, samples, correction, proven count, ceiling and gap: always on screen."""
    gap = int(curves.ceiling[index] - curves.proven[index])
    ceiling = share(int(curves.ceiling[index]), curves.outputs)
    gap_words = f"{share(gap, curves.outputs)} ({counted(gap, 'pixel')})"
    facts = common_facts(certificate, "region", ceiling, gap_words)
    if certificate.chosen is not None and certificate.chosen.tree is not None:
        told = certificate.information_gain(certificate.noise.budget(curves.epsilons[[index]]))[0]
        facts.append(
            ("groups of classes", share(int(certificate.coarse.sum()), certificate.labels.size), False)
        )
        facts.append(("certified information gain", f"{floor(1000 * told + 1e-9) / 10:.1f} %", False))
    if certificate.settings.focus and certificate.copies_saved and certificate.trials.all():
        saved = share(certificate.copies_saved, _planned_copies(certificate))
        facts.append(("saved by adaptive sampling", saved, False))
    return render("facts", facts=facts)


def _counted_noun(certificate: ImageCertificate, count: Count) -> str:
    """What the certified number counts."""
    if count == "correct" and certificate.reference is not None:
        return "labelled pixels stay correct"
    return "pixels keep their label"


def attacked_noun(certificate: ImageCertificate, count: Count) -> str:
    """What an attack is counted among."""
    if count == "correct" and certificate.reference is not None:
        return "labelled pixels that are right and do not abstain"
    return "pixels that do not abstain"


def claim(certificate: ImageCertificate, count: Count, epsilon: str) -> str:
    """The claim behind the number on screen, without the number."""
    norm = "‖δ‖₂" if certificate.noise.norm == "l2" else "‖δ‖₁"
    return f"{_counted_noun(certificate, count)} under every perturbation δ with {norm} ≤ {epsilon}"


def axis_name(certificate: ImageCertificate, count: Count) -> str:
    """Name of the certified share."""
    counts_correct = count == "correct" and certificate.reference is not None
    return "certified accuracy" if counts_correct else "certified ratio"
