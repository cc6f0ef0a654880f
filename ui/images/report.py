"""A certificate as one HTML file: claim, guarantee, pictures, curve, settings, command. Needs no network."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from lrscore.metrics import VOID
from models.datasets.classes import CAMVID_PALETTE
from ui.certification.export import report_figure, report_settings
from ui.images.export import Exported, command_files, reproduce_command
from ui.images.facts import claim_html, facts_html
from ui.images.legend import legend_html
from ui.style.palette import RADIUS, STATES
from ui.style.pictures import colour_picture, enlarge, grey_picture, label_picture, styles_picture
from ui.style.templates import render


def html_report(screen: Exported) -> str:
    """The report of what was on screen, in its colours."""
    certificate, curves, index = screen.certificate, screen.curves, screen.index
    legend = legend_html(
        screen.states, curves.outputs, dark=screen.theme.dark, with_wrong=screen.counts_correct
    )
    return render(
        "certificate_report",
        title=screen.title,
        theme=screen.theme,
        claim=claim_html(certificate, curves, index, screen.count, screen.epsilon_text),
        facts=facts_html(certificate, curves, index),
        guarantee=certificate.guarantee(),
        budget=f"ε = {screen.epsilon_text}",
        figures=_pictures(screen),
        legend=legend,
        charts=[(f"{screen.what.capitalize()} against the budget", Markup(screen.curve_svg()))],
        plane=None,
        what=screen.what,
        settings=report_settings(certificate),
        command=reproduce_command(certificate),
        files=list(command_files(certificate.settings).items()),
    )


def _pictures(screen: Exported) -> list[dict[str, str]]:
    certificate = screen.certificate
    ground = grey_picture(certificate.image)
    largest = float(screen.curves.epsilons[-1])
    radii = RADIUS.apply(np.where(certificate.abstained, np.nan, certificate.radii), 0.0, largest)
    radius_picture = np.where(radii[:, :, 3:] > 0, radii[:, :, :3], ground)
    labels = np.where(certificate.sampled, certificate.labels, VOID)
    states = styles_picture(ground, screen.states.numbers, STATES, dark=screen.theme.dark, factor=3)
    return [
        report_figure("the clean image", enlarge(colour_picture(certificate.image), 2)),
        report_figure("labels of the smoothed model", enlarge(label_picture(labels, CAMVID_PALETTE), 2)),
        report_figure("state of every pixel", states),
        report_figure(f"own certified radius, pale 0 to dark {largest:g}", enlarge(radius_picture, 2)),
    ]
