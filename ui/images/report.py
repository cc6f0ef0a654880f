"""A certificate as one HTML file: claim, guarantee, pictures, curve, settings, command. Needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from html import escape

import numpy as np

from lrscore.images.certificate import VOID, ImageCertificate
from models.datasets.classes import CAMVID_PALETTE
from ui.charts.svg import chart_svg
from ui.images.curves import CurveSet, slider_digits
from ui.images.export import reproduce_command
from ui.images.facts import axis_name, claim_html, facts_html
from ui.images.legend import legend_html
from ui.images.plots import curve_chart
from ui.images.states import Count, pixel_states
from ui.style.palette import RADIUS, STATES
from ui.style.pictures import colour_picture, data_uri, enlarge, grey_picture, label_picture, styles_picture
from ui.style.theme import LIGHT
from ui.style.words import samples_words

_STYLE = """
body { font: 15px/1.5 "Source Sans", Helvetica, Arial, sans-serif; color: #1c2328; background: #fbfaf7;
  max-width: 62rem; margin: 2rem auto; padding: 0 1.2rem; }
h1, h2, .lrs-number { font-family: "Source Serif", Georgia, serif; font-weight: 600; }
h1 { margin: 0 0 1rem; } h2 { font-size: 1.15rem; margin: 1.8rem 0 0.5rem; }
.lrs-claim { display: flex; gap: 1rem; align-items: end; } .lrs-claim p { margin: 0; }
.lrs-number { font-size: 3rem; line-height: 1; color: #0b5f8a; white-space: nowrap; }
.lrs-invalid .lrs-number { color: #5d6266; text-decoration: line-through; }
.lrs-facts { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; padding: 0; }
.lrs-facts div { display: flex; gap: 0.4rem; } .lrs-facts dt { color: #5d6266; }
.lrs-facts dd { margin: 0; font-weight: 600; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figure img { width: 100%; image-rendering: pixelated; display: block; }
figcaption { font-size: 0.9rem; color: #5d6266; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
td, th { text-align: left; padding: 0.25rem 0.6rem 0.25rem 0; border-bottom: 1px solid #d6d2c6; vertical-align: top; }
.lrs-legend span { display: block; color: #5d6266; } .lrs-n { text-align: right; }
pre { background: #f1efe8; padding: 0.7rem; white-space: pre-wrap; } svg { width: 100%; height: auto; }
"""


def html_report(certificate: ImageCertificate, curves: CurveSet, index: int, count: Count, title: str) -> str:
    """The report at one budget.

    Args:
        index: position of the budget in `curves`.
        title: heading, for people.
    """
    epsilon = float(curves.epsilons[index])
    text = f"{epsilon:.{slider_digits(float(curves.epsilons[-1]))}f}"
    states = pixel_states(certificate, epsilon, curves.allocation[index], count)
    what = axis_name(certificate, count)
    with_wrong = count == "correct" and certificate.reference is not None
    sections = [
        f"<h1>{escape(title)}</h1>",
        claim_html(certificate, curves, index, count, text),
        facts_html(certificate, curves, index),
        f"<p>{escape(certificate.guarantee())}</p>",
        f"<h2>Pictures at ε = {text}</h2>{_pictures(certificate, curves, states.numbers)}",
        "<h2>What the states mean</h2>"
        + legend_html(states, curves.outputs, dark=False, with_wrong=with_wrong),
        f"<h2>{escape(what.capitalize())} against the budget</h2>",
        chart_svg(curve_chart(curves, index, LIGHT, what=what, norm=certificate.noise.norm), LIGHT),
        f"<h2>Settings and origin</h2>{_settings(certificate)}",
        f"<h2>The same certificate on the command line</h2><pre>{escape(reproduce_command(certificate))}</pre>",
    ]
    return report_page(title, sections)


def report_page(title: str, sections: Sequence[str]) -> str:
    """A report from its parts.

    Args:
        sections: HTML, everything in it escaped already.
    """
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    body = "\n".join(sections)
    return f'<!doctype html>\n<html lang="en"><head>{head}{viewport}</head><body>\n{body}\n</body></html>\n'


def _pictures(certificate: ImageCertificate, curves: CurveSet, numbers: np.ndarray) -> str:
    ground = grey_picture(certificate.image)
    largest = float(curves.epsilons[-1])
    radii = RADIUS.apply(np.where(certificate.abstained, np.nan, certificate.radii), 0.0, largest)
    radius_picture = np.where(radii[:, :, 3:] > 0, radii[:, :, :3], ground)
    labels = np.where(certificate.sampled, certificate.labels, VOID)
    pictures = {
        "the clean image": enlarge(colour_picture(certificate.image), 2),
        "labels of the smoothed model": enlarge(label_picture(labels, CAMVID_PALETTE), 2),
        "state of every pixel": styles_picture(ground, numbers, STATES, factor=3),
        f"own certified radius, pale 0 to dark {largest:g}": enlarge(radius_picture, 2),
    }
    figures = (
        f'<figure><img src="{data_uri(picture)}" alt="{escape(name)}"><figcaption>{escape(name)}</figcaption></figure>'
        for name, picture in pictures.items()
    )
    return f'<div class="pictures">{"".join(figures)}</div>'


def _settings(certificate: ImageCertificate) -> str:
    rows = [(field.name, getattr(certificate.settings, field.name)) for field in fields(certificate.settings)]
    known = [(name, value) for name, value in rows if value is not None]
    known += [("samples counted", samples_words(certificate.trials)), *certificate.provenance.items()]
    cells = (f"<tr><th>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>" for name, value in known)
    return f"<table>{''.join(cells)}</table>"
