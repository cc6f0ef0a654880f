"""A chart for a paper: at a chosen width, legend outside, as PDF or SVG whose text stays text."""

from __future__ import annotations

import io
from typing import Any, Literal

from ui.charts.chart import BAND_OPACITY, Chart, Dot, Line

MILLIMETRES = 25.4
_HEIGHT = 0.62  # of the plot, as a share of the width
_ROW = 0.16  # inches of a legend's row
_INK, _GRID = "#1c2328", "#d6d2c6"

Format = Literal["pdf", "svg"]
PAPER_FORMATS: tuple[Format, ...] = ("pdf", "svg")
_DASHES: dict[str, Any] = {
    "solid": "-",
    "dash": (0, (5, 3)),
    "dot": (0, (1, 2)),
    "dashdot": (0, (5, 2, 1, 2)),
    "longdash": (0, (9, 3)),
    "longdashdot": (0, (9, 3, 2, 3)),
}
_MARKERS = {"circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "triangle-down": "v", "x": "X"}
_STEPS = {"vh": "steps-pre", "hv": "steps-post", "linear": "default"}


def paper_figure(chart: Chart, form: Format, *, width: float, points: float = 8.0) -> bytes:
    """The chart as a file.

    Text is text in both: fonts are embedded as TrueType in a PDF, and left to the reader's program in an SVG.

    Args:
        width: millimetres; the legend stands below the plot and adds to the height.
        points: size of the text.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {
        "pdf.fonttype": 42,
        "svg.fonttype": "none",
        "svg.hashsalt": "lrs",
        "font.size": points,
        "axes.linewidth": 0.6,
    }
    with rc_context(settings):
        inches = width / MILLIMETRES
        entries = [line.name for line in chart.lines] + [dot.method for dot in chart.dots if dot.method]
        columns = 2 if inches > 4 else 1
        rows = -(-len(set(entries)) // columns)
        below = 0.45 + _ROW * rows
        height = _HEIGHT * inches + below
        figure = Figure(figsize=(inches, height))
        left, bottom = 0.5 / inches, below / height
        plot = figure.add_axes((left, bottom, 1 - left - 0.08 / inches, 1 - bottom - 0.08 / height))
        for line in chart.lines:
            _draw_line(plot, line)
        for dot in chart.dots:
            _draw_dot(plot, dot)
        _finish(plot, chart, points)
        handles, labels = plot.get_legend_handles_labels()
        once = dict(zip(labels, handles, strict=True))
        if once:
            figure.legend(
                once.values(),
                once.keys(),
                loc="lower left",
                bbox_to_anchor=(left, 0.0),
                ncols=columns,
                frameon=False,
                borderaxespad=0.2,
                handlelength=2.6,
                labelspacing=0.25,
            )
        canvas = FigureCanvasPdf(figure) if form == "pdf" else FigureCanvasSVG(figure)
        buffer = io.BytesIO()
        metadata = {"Title": chart.title, "CreationDate" if form == "pdf" else "Date": None}
        canvas.print_figure(buffer, format=form, metadata=metadata)
    return buffer.getvalue()


_FILLS: dict[str, Any] = {"vh": "pre", "hv": "post", "linear": None}


def _draw_line(plot: Any, line: Line) -> None:
    if line.band is not None:
        plot.fill_between(
            line.x, *line.band, step=_FILLS[line.shape], color=line.colour, alpha=BAND_OPACITY, linewidth=0
        )
    plot.plot(
        line.x,
        line.y,
        color=line.colour,
        linestyle=_DASHES[line.dash],
        linewidth=0.55 * line.width,
        drawstyle=_STEPS[line.shape],
        marker=_MARKERS[line.symbol] if line.marks else None,
        markevery=list(line.marks) or None,
        markersize=3.5,
        markerfacecolor="white" if line.hollow else line.colour,
        label=line.name,
    )


def _draw_dot(plot: Any, dot: Dot) -> None:
    if dot.reach is not None:
        plot.vlines([dot.x], *([end] for end in dot.reach), color=_INK, linewidth=0.6)
    plot.plot(
        [dot.x],
        [dot.y],
        linestyle="none",
        marker=_MARKERS[dot.symbol],
        markersize=4.5,
        color=dot.colour,
        markerfacecolor="white" if dot.hollow else dot.colour,
        label=dot.method or "_",
    )
    if dot.label and dot.placement != "none":
        plot.annotate(dot.label, (dot.x, dot.y), xytext=(4, 3), textcoords="offset points")


def _finish(plot: Any, chart: Chart, points: float) -> None:
    for side in ("top", "right"):
        plot.spines[side].set_visible(False)
    plot.grid(visible=True, color=_GRID, linewidth=0.4)
    plot.set_axisbelow(True)
    plot.set_xlim(chart.x.low, chart.x.high)
    plot.set_ylim(chart.y.low, chart.y.high)
    plot.set_xticks(chart.x.ticks, [f"{tick:.{chart.x.digits}f}" for tick in chart.x.ticks])
    plot.set_yticks(chart.y.ticks, [f"{tick:.{chart.y.digits}f}" for tick in chart.y.ticks])
    plot.set_xlabel(chart.x.title, labelpad=2)
    plot.set_ylabel(chart.y.title, labelpad=2)
    plot.tick_params(colors=_INK, labelsize=points, width=0.6, length=2.5)
    if chart.shaded is not None:
        plot.axvspan(*chart.shaded, color=_GRID, alpha=0.5)
    if chart.marked is not None:
        plot.axvline(chart.marked, color=_INK, linewidth=0.6, linestyle=":")
