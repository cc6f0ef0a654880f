"""Downloads of a comparison: tables, drawings, and a report that needs no network.

Files are made when a button is pressed, from what was on screen when it was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from markupsafe import Markup

from lrscore.errors import CertificateFileError
from lrscore.files import load_certificate
from lrscore.images.baselines import segcertify
from lrscore.images.certificate import ImageCertificate
from ui.certification.export import certificate_bytes, file_stem, report_figure
from ui.charts.chart import Chart
from ui.charts.paper import Format, paper_figure
from ui.charts.svg import chart_svg
from ui.compare.methods import SEGCERTIFY
from ui.compare.notebook import Included, comparison_notebook
from ui.compare.pair import Side
from ui.compare.plots import curve_chart, pareto_chart
from ui.compare.reading import findings
from ui.compare.scores import Entrant, Score, confidence_sentence, cost_sentence
from ui.compare.sets import family
from ui.compare.table import curves_csv, table_columns, table_csv
from ui.images.curves import CurveSet
from ui.images.export import reproduce_command
from ui.images.legend import strip_html
from ui.images.states import Count
from ui.library.entries import Entry
from ui.style.palette import STATES
from ui.style.pictures import colour_picture, enlarge, grey_picture, styles_picture
from ui.style.templates import render
from ui.style.theme import Theme, current_theme
from ui.widgets.downloads import download, draw_width
from ui.widgets.tables import latex_table


@dataclass(frozen=True, eq=False)
class Pictured:
    """A certificate whose states the report shows: the row, its file, and everything proven about it."""

    entrant: Entrant
    entry: Entry
    curves: CurveSet


@dataclass(frozen=True, eq=False)
class Comparison:
    """What was on screen when the download buttons were drawn.

    Args:
        scores: the rows.
        epsilon: the budget.
        count: what is counted.
        theme: of the reader.
        pictured: one row of every certificate, on the picture on screen.
    """

    scores: tuple[Score, ...]
    epsilon: float
    count: Count
    theme: Theme
    pictured: tuple[Pictured, ...]

    @property
    def comparable(self) -> list[Score]:
        """Rows with the first one's norm: those in the plots."""
        return [score for score in self.scores if score.norm == self.scores[0].norm]

    @property
    def what(self) -> str:
        """Name of the certified share."""
        return "certified ratio" if self.scores[0].miou is None else "certified accuracy"

    @property
    def stem(self) -> str:
        """Start of the files' names: who is compared."""
        return comparison_stem(self.scores)

    def pareto(self) -> Chart:
        """Accuracy and radius."""
        return pareto_chart(self.comparable, self.theme)

    def curves(self) -> Chart:
        """Certified share against the budget."""
        return curve_chart(self.comparable, self.epsilon, self.theme, what=self.what)


def comparison_stem(scores: Sequence[Score]) -> str:
    """Start of a file's name: who is compared."""
    rows = {score.entrant.letter: family(score.entrant.choice.settings) for score in scores}
    return file_stem("comparison", *(f"{letter} {words}" for letter, words in rows.items()))


def on_screen(scores: Sequence[Score], epsilon: float, count: Count, picture: str | None) -> Comparison:
    """What the page shows.

    Args:
        picture: identity of the picture that is compared pixel by pixel; None takes the first one of each row.
    """
    first = {score.entrant.letter: score.entrant for score in reversed(scores)}
    pictured = []
    for letter in sorted(first):
        members = first[letter].choice.members
        entry = members.get(picture or "") or next(iter(members.values()))
        curves = findings(entry, count).curves
        if curves is not None:
            pictured.append(Pictured(first[letter], entry, curves))
    return Comparison(tuple(scores), epsilon, count, current_theme(), tuple(pictured))


def draw_export(screen: Comparison) -> None:
    """A popover with all downloads."""
    theme, here = screen.theme, f"{screen.stem}_eps-{screen.epsilon:g}"
    offers: tuple[tuple[str, str, Callable[[], str | bytes]], ...] = (
        ("Table (CSV)", f"{here}_table.csv", partial(table_csv, screen.scores, screen.epsilon)),
        ("Curves (CSV)", f"{screen.stem}_curves.csv", partial(curves_csv, screen.scores)),
        (
            "Accuracy and radius (SVG)",
            f"{screen.stem}_accuracy-and-radius.svg",
            lambda: chart_svg(screen.pareto(), theme),
        ),
        ("Curves (SVG)", f"{here}_curves.svg", lambda: chart_svg(screen.curves(), theme)),
        ("Report (HTML, one file)", f"{here}.html", partial(_comparison_report, screen)),
        ("Notebook of this state", f"{here}.ipynb", partial(_notebook, screen)),
    )
    with st.popover("Export", icon=":material/download:"):
        width = draw_width("compare_width")
        offers += (
            (
                "Table (LaTeX)",
                f"{here}_table.tex",
                lambda: latex_table(table_csv(screen.scores, screen.epsilon), "Compared"),
            ),
            *(
                (
                    f"{words}, for a paper ({form.upper()})",
                    f"{here}_{words.lower().replace(' ', '-')}_{width:g}mm.{form}",
                    partial(_paper, chart, form, width),
                )
                for words, chart in (("Accuracy and radius", screen.pareto), ("Curves", screen.curves))
                for form in ("pdf", "svg")
            ),
        )
        for label, name, make in offers:
            download(label, make, name, key=f"download_{label}")
        st.caption("The camera above each plot saves it as PNG.")


def _paper(chart: Callable[[], Chart], form: Format, width: float) -> bytes:
    return paper_figure(chart(), form, width=width)


def _comparison_report(screen: Comparison) -> str:
    """The comparison as one HTML file: table, plots, pictures, what it costs and promises, how to make it again."""
    columns = table_columns(screen.scores, screen.epsilon)
    loaded = [(pictured, _loaded(pictured.entry)) for pictured in screen.pictured]
    known = [(pictured, certificate) for pictured, certificate in loaded if certificate is not None]
    return render(
        "comparison_report",
        title="Certificates compared",
        theme=screen.theme,
        cost=cost_sentence(screen.scores),
        confidence=confidence_sentence(screen.scores),
        epsilon=f"{screen.epsilon:g}",
        columns=list(columns),
        rows=list(zip(*columns.values(), strict=True)),
        pareto=Markup(chart_svg(screen.pareto(), screen.theme)),
        what=screen.what.capitalize(),
        curves=Markup(chart_svg(screen.curves(), screen.theme)),
        figures=[
            figure for pictured, certificate in known for figure in _figures(screen, pictured, certificate)
        ],
        strip=strip_html(dark=screen.theme.dark),
        origins=[_origin(pictured, certificate) for pictured, certificate in known],
    )


def _notebook(screen: Comparison) -> str:
    """One certificate of every row as a notebook; files that have gone since are left out."""
    included = [
        Included(
            pictured.entrant.letter,
            f"{pictured.entrant.choice.title}, {family(pictured.entrant.choice.settings)}",
            certificate_bytes(certificate),
            pictured.curves,
            reproduce_command(certificate),
        )
        for pictured in screen.pictured
        if (certificate := _loaded(pictured.entry)) is not None
    ]
    return comparison_notebook(screen.scores, included, screen.epsilon, screen.count)


def _loaded(entry: Entry) -> ImageCertificate | None:
    """The certificate, unless its file has gone since the page was drawn."""
    try:
        certificate = load_certificate(entry.path)
    except CertificateFileError:
        return None
    return certificate if isinstance(certificate, ImageCertificate) else None


def _figures(screen: Comparison, pictured: Pictured, certificate: ImageCertificate) -> list[dict[str, str]]:
    """The picture, if it is another one than the row's before, and the states of this row on it."""
    entrant = pictured.entrant
    tau = SEGCERTIFY.get(entrant.counting)
    fixed = None if tau is None else segcertify(certificate, tau)
    states = Side(entrant.letter, "", certificate, pictured.curves, fixed).states(
        screen.epsilon, screen.count
    )
    painted = styles_picture(
        grey_picture(certificate.image), states, STATES, dark=screen.theme.dark, factor=3
    )
    figures = [report_figure(entrant.name, painted)]
    before = screen.pictured[: screen.pictured.index(pictured)]
    own = list(entrant.choice.members)
    if not before or own[0] not in before[0].entrant.choice.members:
        clean = enlarge(colour_picture(np.asarray(certificate.image)), 2)
        figures.insert(0, report_figure("the clean image", clean))
    return figures


def _origin(pictured: Pictured, certificate: ImageCertificate) -> dict[str, str]:
    choice = pictured.entrant.choice
    files = [entry.path.name for entry in choice.members.values()]
    return {
        "letter": pictured.entrant.letter,
        "title": choice.title,
        "model": choice.header.model,
        "digest": choice.header.digest[:16] or "unknown",
        "files": ", ".join(files),
        "more": f"{len(files)} pictures" if len(files) > 1 else "",
        "command": reproduce_command(certificate),
    }
