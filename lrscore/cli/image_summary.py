"""What the command line says about an image certificate."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from lrscore.cli.choice import print_choice
from lrscore.cli.promise import print_agreement
from lrscore.cli.tables import plain_console, print_targets
from lrscore.images.certificate import ImageCertificate
from lrscore.images.further import stopped_early
from lrscore.images.radius import average_radius
from lrscore.metrics import certified_ratio, mean_iou, pixel_accuracy

_ROWS = 11


def print_image_summary(certificate: ImageCertificate) -> None:
    """Settings, guarantee and a table of certified counts over the budget."""
    console = plain_console()
    height, width = certificate.shape
    settings = certificate.settings
    abstained = int(certificate.abstained.sum())
    console.print(
        f"{width}x{height} pixels, grid {settings.grid[0]}x{settings.grid[1]}, {settings.noise} noise "
        f"{settings.levels_in_words()}, "
        f"{settings.pilot_samples} + {int(certificate.trials.max())} samples per group, "
        f"{abstained} of {height * width} pixels abstain",
        highlight=False,
        soft_wrap=True,
    )
    print_choice(certificate, console)
    if remark := certificate.provenance.get("batch_remark"):
        console.print(remark, highlight=False, soft_wrap=True)
    if stopped_early(certificate):
        console.print(f"sampling was stopped early: {certificate.how_far()}", highlight=False, soft_wrap=True)
    elif certificate.copies_saved:
        console.print(f"{certificate.copies_saved:,} of the planned noisy copies were not needed")
    print_reference_scores(certificate, console)
    print_agreement(certificate)
    console.print(certificate.guarantee(), highlight=False, soft_wrap=True)
    console.print(curve_table(certificate))
    print_targets(certificate)


def print_reference_scores(certificate: ImageCertificate, console: Console) -> None:
    """Accuracy and mean IoU of the smoothed prediction, where the truth is known."""
    if certificate.reference is None:
        return
    classes, known = certificate.pilot_votes.shape[2], certificate.reference
    accuracy = pixel_accuracy(certificate.labels, known, certificate.unclassed)
    iou = mean_iou(certificate.labels, known, classes, certificate.unclassed)
    unlabelled = float((known == certificate.void).mean())
    console.print(
        f"smoothed prediction: pixel accuracy {accuracy:.3f}, mean IoU {iou:.3f} (abstentions"
        f"{' and groups of classes' if certificate.coarse.any() else ''} wrong"
        f"{f'; {unlabelled:.1%} of the pixels have no class and do not count' if unlabelled else ''})",
        highlight=False,
        soft_wrap=True,
    )
    if certificate.unsmoothed is not None:
        alone = pixel_accuracy(certificate.unsmoothed, known)
        console.print(f"unsmoothed prediction: pixel accuracy {alone:.3f}")


def curve_table(certificate: ImageCertificate) -> Table:
    """Certified counts over eps: individually, by the paper's LP, by the stored method, and the ceiling."""
    budgets = certificate.noise.budget(np.linspace(0, certificate.largest_epsilon(), _ROWS))
    stored = certificate.curves[0].method if certificate.curves else "envelope"
    methods = list(dict.fromkeys(["naive", "paper", stored]))
    curves = {method: certificate.collective(budgets, method=method) for method in methods}
    epsilons = certificate.noise.epsilon(budgets)
    table = Table(title=f"pixels certified against every perturbation of {certificate.noise.norm} norm eps")
    table.add_column("eps", justify="right")
    for method in methods:
        table.add_column(method, justify="right")
    table.add_column("ceiling", justify="right")
    table.add_column(f"{stored} ratio", justify="right")
    correct = _correct_shares(certificate, budgets, stored)
    if correct is not None:
        table.add_column("certified accuracy", justify="right")
    gains = _gains(certificate, budgets, stored)
    if gains is not None:
        table.add_column("information gain", justify="right")
    best = curves[stored]
    ratio = certified_ratio(best.certified, best.n_outputs)
    for row, epsilon in enumerate(epsilons):
        counts = [str(int(curves[method].certified[row])) for method in methods]
        told = [f"{shares[row]:.3f}" for shares in (correct, gains) if shares is not None]
        table.add_row(f"{epsilon:.3f}", *counts, str(int(best.ceiling[row])), f"{ratio[row]:.3f}", *told)
    average = average_radius(certificate)
    counted = "certified accuracy" if average.correct else "certified ratio"
    table.caption = (
        f"average certified radius {average.radius:.4f} (area under the {counted}, {average.method})"
    )
    return table


def _gains(certificate: ImageCertificate, budgets: np.ndarray, method: str) -> np.ndarray | None:
    """Certified information gain at each budget; None where labels are classes, of which it says nothing new."""
    if certificate.chosen is None or certificate.chosen.tree is None:
        return None
    return certificate.information_gain(budgets, method)


def _correct_shares(certificate: ImageCertificate, budgets: np.ndarray, method: str) -> np.ndarray | None:
    """Share of the labelled pixels that are certified correct at each budget; None without reference labels."""
    if certificate.reference is None or not (
        labelled := int((certificate.reference != certificate.void).sum())
    ):
        return None
    return certificate.collective(budgets, method, certificate.correct()).certified / labelled
