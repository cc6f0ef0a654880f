"""A graph's certificate as one HTML file: claim, guarantee, picture, plane, methods, settings, command."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from ui.certification.export import report_figure, report_settings
from ui.graphs.export import ExportedGraph, command_files, graph_command
from ui.graphs.kinds import NAMES
from ui.graphs.legend import node_legend_html
from ui.graphs.picture import pilot_share
from ui.graphs.plots import percent
from ui.graphs.thumbnail import graph_colours_picture
from ui.graphs.words import axis_name, claim_html, facts_html
from ui.style.palette import RADIUS, SHARE
from ui.style.templates import render

_LONGEST = 400  # letters of a setting


@dataclass(frozen=True)
class Cell:
    """One pair of budgets in the report's table of the plane: text, colour, colour of the text, chosen or not."""

    text: str
    colour: str
    ink: str
    here: bool


@dataclass(frozen=True)
class PlaneRow:
    """The pairs with so many additions."""

    additions: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class PlaneTable:
    """The certified share in percent over all budgets; `axes` says which go down, and which to the right."""

    axes: tuple[str, str]
    deletions: tuple[int, ...]
    rows: tuple[PlaneRow, ...]


def graph_report(screen: ExportedGraph) -> str:
    """The report of what was on screen, in its colours."""
    certificate, plane = screen.certificate, screen.plane
    what = axis_name(screen.count)
    return render(
        "certificate_report",
        title=screen.title,
        theme=screen.theme,
        claim=claim_html(certificate, plane, screen.point, screen.count),
        facts=facts_html(certificate, plane, screen.point),
        guarantee=certificate.guarantee(),
        budget=screen.budgets_words,
        figures=_pictures(screen),
        legend=node_legend_html(screen.states, plane.outputs, screen.count, dark=screen.theme.dark),
        charts=[(screen.chart.title.removesuffix("."), Markup(screen.cut_svg()))],
        plane=_plane_table(screen),
        what=what.capitalize(),
        settings=report_settings(certificate, _short),
        command=graph_command(certificate),
        files=list(command_files(certificate.settings).items()),
    )


def _plane_table(screen: ExportedGraph) -> PlaneTable:
    """The plane as a table with the page's colours."""
    plane, shares = screen.plane, percent(screen.plane.proven, screen.plane)
    colours = RADIUS.apply(shares, 0.0, 100.0)[..., :3]
    rows = []
    for row, additions in enumerate(plane.additions):
        cells = []
        for column in range(plane.deletions.size):
            colour = colours[row, column]
            ink = "#ffffff" if float(colour @ np.array([0.299, 0.587, 0.114])) < 128 else "#1c2328"
            text = f"{np.floor(10 * float(shares[row, column]) + 1e-6) / 10:.1f}"
            cells.append(Cell(text, "rgb({},{},{})".format(*colour), ink, (row, column) == screen.point))
        rows.append(PlaneRow(int(additions), tuple(cells)))
    down, right = (NAMES[kind] for kind in plane.view.kinds)
    return PlaneTable((down, right), tuple(int(deletions) for deletions in plane.deletions), tuple(rows))


def _pictures(screen: ExportedGraph) -> list[dict[str, str]]:
    certificate, dark = screen.certificate, screen.theme.dark
    shares = {
        "share of the label in the pilot, dark 0 to pale 1": pilot_share(certificate),
        "proven bound on the label's score, dark 0 to pale 1": certificate.probabilities,
    }
    pictures = [report_figure("state of every node", screen.picture())]
    for caption, values in shares.items():
        colours = SHARE.apply(values, 0.0, 1.0)[:, :3]
        drawn = graph_colours_picture(screen.positions, certificate.edges, colours, (800, 600), dark=dark)
        pictures.append(report_figure(caption, drawn))
    return pictures


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … (all of it is in the certificate's file)"
