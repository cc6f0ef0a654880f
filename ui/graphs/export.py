"""What leaves the graph page: numbers, pictures, the certificate file, and the command that makes it again."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from ui.certification.export import certificate_bytes, certify_command, file_stem
from ui.certification.notebook import Told, notebook
from ui.charts.chart import Chart
from ui.charts.paper import Format, paper_figure
from ui.charts.svg import chart_svg
from ui.graphs.counting import Count
from ui.graphs.kinds import NAMES
from ui.graphs.plane import Plane, Point, Relaxations, compute_relaxations
from ui.graphs.plots import changes_words
from ui.graphs.states import NodeStates
from ui.graphs.thumbnail import graph_picture
from ui.graphs.words import changes
from ui.style.palette import STATES
from ui.style.pictures import encode_png
from ui.style.theme import Theme
from ui.style.words import fewest_samples
from ui.widgets.tables import latex_table

_MATRICES = ("levels_to_one.csv", "levels_to_zero.csv")
_EDGE_MATRICES = ("levels_new_edges.csv", "levels_lost_edges.csv")
_CLUSTERS = "clusters.csv"


_TARGETS: dict[Count, str] = {
    "unseen": "certificate.correct() & (certificate.reference >= 0) & ~certificate.display.training",
    "correct": "certificate.correct() & (certificate.reference >= 0)",
    "all": "None",
}
"""What is counted, as a notebook says it."""
_COUNTED: dict[Count, str] = {
    "unseen": "correct-nodes-not-trained-on",
    "correct": "correct-nodes",
    "all": "all-nodes",
}


@dataclass(frozen=True, eq=False)
class ExportedGraph:
    """What was on screen when the download buttons were drawn; makes the files, needing nothing else.

    Args:
        certificate, plane: what every number comes from.
        point: position of the budgets.
        count: what is counted.
        states: of the nodes there.
        positions: (n, 2) layout.
        chart: the methods along the cut on screen.
        theme: of the reader.
        title: of the graph.
    """

    certificate: GraphCertificate
    plane: Plane
    point: Point
    count: Count
    states: NodeStates
    positions: np.ndarray
    chart: Chart
    theme: Theme
    title: str

    @property
    def budgets_words(self) -> str:
        """The budgets for people."""
        return " and ".join(
            changes_words(number, kind) for kind, number in enumerate(self.plane.units(self.point))
        )

    @property
    def stem(self) -> str:
        """Start of the files' names: graph and settings."""
        return _stem(self.title, self.certificate)

    @property
    def counted(self) -> str:
        """What is counted, in a file's name."""
        return _COUNTED[self.count]

    @property
    def file_name(self) -> str:
        """Name, without ending, of a file that shows what was on screen."""
        return screen_name(self.title, self.certificate, self.plane.units(self.point), self.count)

    def certificate_file(self) -> bytes:
        """The netCDF file."""
        return certificate_bytes(self.certificate)

    def plane_csv(self) -> str:
        """All methods over the plane as comma-separated values."""
        budgets = all_budgets(self.plane)
        return plane_csv(
            self.plane, compute_relaxations(self.certificate, self.count, budgets, self.plane.view)
        )

    def picture(self) -> np.ndarray:
        """(H, W, 3) uint8: the graph with the state of every node."""
        edges, numbers = self.certificate.edges, self.states.numbers
        return graph_picture(self.positions, edges, numbers, STATES, (1200, 900), dark=self.theme.dark)

    def picture_png(self) -> bytes:
        """The picture as a file."""
        return encode_png(self.picture())

    def paper_chart(self, form: Format, width: float) -> bytes:
        """The chart for a paper, so many millimetres wide."""
        return paper_figure(self.chart, form, width=width)

    def plane_latex(self) -> str:
        """The counts as a LaTeX table."""
        return latex_table(self.plane_csv(), f"Certified nodes for every pair of budgets: {self.title}")

    def notebook(self) -> str:
        """A notebook of this state, with the certificate in it."""
        units, (additions, _) = self.plane.units(self.point), self.plane.budgets(self.point)
        upward, rightward = self.plane.view.kinds
        along = ", ".join("d" if kind == rightward else str(number) for kind, number in enumerate(units))
        proven, most = int(self.plane.proven[self.point]), int(self.plane.deletions[-1])
        words = f"At least {proven:,} of {self.plane.outputs:,} nodes, whatever an adversary does who "
        return notebook(
            Told(
                title=self.title,
                claim=f"{words}{changes(*units)}.",
                command=graph_command(self.certificate),
                content=self.certificate_file(),
                budgets=f"np.array([({along}) for d in range({most + 1})], dtype=float)",
                here=f"np.array([[{', '.join(f'{number}.0' for number in units)}]])",
                targets=_TARGETS[self.count],
                axis=f"budgets[:, {rightward}]",
                what=f"{NAMES[rightward]}, with {changes_words(additions, upward)}",
                outputs=self.plane.outputs,
                method="exact",
            )
        )

    def cut_svg(self) -> str:
        """The chart as a drawing."""
        return chart_svg(self.chart, self.theme)


def screen_name(title: str, certificate: GraphCertificate, budgets: tuple[int, ...], count: Count) -> str:
    """Name, without ending, of a file: graph, settings, budgets and what is counted."""
    kinds = (changes_words(number, kind) for kind, number in enumerate(budgets))
    return file_stem(_stem(title, certificate), *kinds, _COUNTED[count])


def _stem(title: str, certificate: GraphCertificate) -> str:
    clusters, samples = certificate.trials.size, fewest_samples(certificate.trials)
    return file_stem(title, "1-cluster" if clusters == 1 else f"{clusters}-clusters", f"{samples}-samples")


def plane_csv(plane: Plane, relaxations: Relaxations) -> str:
    """The plane as comma-separated values: one row per pair of budgets, counts and what they are a share of.

    Args:
        relaxations: of all pairs, additions in the outer order.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = [NAMES[kind] for kind in plane.view.kinds]
    writer.writerow([*names, "naive", "paper", "envelope", "proven", "ceiling", "outputs"])
    columns = (
        plane.naive.ravel(),
        relaxations.paper,
        relaxations.envelope,
        plane.proven.ravel(),
        plane.ceiling.ravel(),
    )
    for (additions, deletions), *counts in zip(all_budgets(plane), *columns, strict=True):
        writer.writerow([int(additions), int(deletions), *(int(count) for count in counts), plane.outputs])
    return buffer.getvalue()


def all_budgets(plane: Plane) -> np.ndarray:
    """(A * D, 2) every pair of budgets, additions in the outer order."""
    return np.array([(a, d) for a in plane.additions for d in plane.deletions], dtype=np.float64)


def graph_command(certificate: GraphCertificate) -> str:
    """The command line that samples the same certificate again, beside the files of `command_files`."""
    options = _options(certificate.settings)
    return certify_command("graph", certificate, options, title="GRAPH", model="MODEL")


def command_files(settings: GraphSettings) -> dict[str, str]:
    """The files that the command reads, by name: edited flip probabilities and a given partition as CSV, exactly."""
    files = {}
    if settings.levels is not None:
        for name, matrix in zip(_MATRICES, settings.levels, strict=True):
            files[name] = "".join(",".join(map(str, row)) + "\n" for row in matrix)
    if settings.edge_levels is not None:
        for name, matrix in zip(_EDGE_MATRICES, settings.edge_levels, strict=True):
            files[name] = "".join(",".join(map(str, row)) + "\n" for row in matrix)
    if not isinstance(settings.partition, str):
        files[_CLUSTERS] = "".join(f"{cluster}\n" for cluster in settings.partition)
    return files


def _options(settings: GraphSettings) -> list[tuple[str, ...]]:
    standard = GraphSettings()
    options: list[tuple[str, ...]] = [
        ("--clusters", str(settings.clusters)),
        ("--partition", settings.partition)
        if isinstance(settings.partition, str)
        else ("--partition-file", _CLUSTERS),
        ("--flip-to-one", "{}:{}".format(*settings.flip_to_one)),
        ("--flip-to-zero", "{}:{}".format(*settings.flip_to_zero)),
        ("--pilot-samples", str(settings.pilot_samples)),
        ("--samples", str(settings.samples)),
        ("--alpha", str(settings.alpha)),
        ("--correction", settings.correction),
        ("--scores", settings.scores),
        ("--bound", settings.bound),
    ]
    if settings.levels is not None:
        options.append(("--level-matrix", *_MATRICES))
    if settings.flip_edges is not None:
        options.append(("--flip-edges", *("{}:{}".format(*pair) for pair in settings.flip_edges)))
    if settings.edge_levels is not None:
        options.append(("--edge-level-matrix", *_EDGE_MATRICES))
    if settings.falloff != standard.falloff:
        options.append(("--falloff", str(settings.falloff)))
    if settings.margins:
        options.append(("--margins",))
    for name in ("runner_up", "hierarchy"):
        if getattr(settings, name):
            options.append((f"--{name.replace('_', '-')}",))
    if settings.orders != standard.orders:
        options.append(("--orders", ",".join(map(str, settings.orders))))
    if settings.bins != standard.bins:
        options.append(("--bins", str(settings.bins)))
    if settings.tolerated > 1:
        options.append(("--tolerated", str(settings.tolerated)))
    if settings.offered:
        options.append(("--offered", ",".join(map(str, settings.offered))))
    return options
