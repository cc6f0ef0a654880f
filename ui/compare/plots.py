"""The two plots of the comparison: accuracy against average certified radius, and certified share against budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ui.charts.chart import Chart, Dot, Line, axis, placed
from ui.charts.curve import lay_out
from ui.compare.scores import Score, front_of
from ui.style.theme import Theme

_PLACES = {
    "right": "middle right",
    "left": "middle left",
    "above": "top center",
    "below": "bottom center",
    "none": "middle right",
}


def pareto_chart(scores: Sequence[Score], theme: Theme) -> Chart:
    """Mean IoU (or, without references, pixels with a prediction) to the right, average certified radius upwards."""
    sound = [100 * score.sound for score in scores]
    referenced = scores[0].miou is not None
    name = "mean IoU of the smoothed prediction (%)" if referenced else "pixels with a prediction (%)"
    middle, half = (max(sound) + min(sound)) / 2, max(10.0, 0.75 * (max(sound) - min(sound)))
    across = axis(name, max(0.0, middle - half), min(100.0, middle + half))
    radii = [score.radius for score in scores]
    up = axis(f"average certified radius ({scores[0].norm})", 0.0, max(1.12 * max(radii), 1e-3))
    dots = [
        Dot(
            x=place,
            y=score.radius,
            label=score.entrant.short,
            method=score.entrant.method.name,
            colour=score.entrant.method.colour(theme),
            symbol=score.entrant.method.symbol,
            hollow=score.entrant.hollow,
            hover=hover_lines(score),
        )
        for place, score in zip(sound, scores, strict=True)
    ]
    front = sorted(front_of(scores), key=lambda position: -sound[position])
    line = Line(
        "nobody beats these in both",
        "",
        theme.muted,
        "dot",
        1.4,
        np.array([sound[position] for position in front]),
        np.array([radii[position] for position in front]),
        stairs=False,
    )
    title = f"Average certified radius against {'mean IoU' if referenced else 'share of answered pixels'}."
    return Chart(title, across, up, (line,) if len(front) > 1 else (), placed(dots, across, up))


def curve_chart(scores: Sequence[Score], epsilon: float, theme: Theme, *, what: str) -> Chart:
    """Certified share against the budget, one staircase a row; of one method the first row has the thickest line."""
    largest = max(float(score.epsilons[-1]) for score in scores)
    across = axis(f"budget ε ({scores[0].norm} norm)", 0.0, largest)
    alone = len({score.entrant.letter for score in scores}) == 1
    lines, seen = [], dict.fromkeys((score.entrant.method.light for score in scores), 0)
    for number, score in enumerate(scores):
        method = score.entrant.method
        rank = seen[method.light]
        seen[method.light] += 1
        percent = 100 * score.curve
        wanted = percent[0] * (0.82 - 0.62 * (number + 0.5) / len(scores))  # labels at different heights
        lines.append(
            Line(
                score.entrant.name,
                method.short if alone else score.entrant.letter,
                method.colour(theme),
                method.dash,
                (3.0, 2.0, 1.3)[min(rank, 2)],
                score.epsilons,
                percent,
                labelled=max(0, int(np.searchsorted(-percent, -wanted)) - 1),  # the last point that high
            )
        )
    return Chart(
        f"{what.capitalize()} against the budget.",
        across,
        axis(f"{what} (%)", 0.0, 100.0),
        tuple(lines),
        marked=epsilon,
    )


def hover_lines(score: Score) -> tuple[str, ...]:
    """Everything about a point: settings and cost above all."""
    entrant = score.entrant
    first = "" if score.miou is None else f"mean IoU {100 * score.miou:.1f} %"
    lines = (
        f"<b>{entrant.name}</b>",
        f"{entrant.choice.settings.noise} {entrant.levels}",
        f"{score.passes:,.0f} forward passes a picture",
        f"average certified radius {score.radius:.4f}",
        first,
        f"{100 * score.answered:.1f} % of the pixels answered",
    )
    return tuple(line for line in lines if line)


def chart_figure(chart: Chart, theme: Theme) -> go.Figure:
    """The chart by Plotly."""
    figure = go.Figure()
    for line in chart.lines:
        _add_line(figure, line)
    for dot, first in _with_first(chart.dots):
        _add_dot(figure, dot, theme, in_legend=first)
    lay_out(figure, theme, what="", norm="", largest=chart.x.high)
    for update, own in ((figure.update_xaxes, chart.x), (figure.update_yaxes, chart.y)):
        update(
            title={"text": own.title},
            range=[own.low, own.high],
            dtick=own.step,
            tickformat=f".{own.digits}f",
            ticksuffix="",
        )
    below = {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.24, "yanchor": "top"}
    camera = {"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.primary}
    figure.update_layout(height=400, legend=below, margin={"t": 28, "b": 60}, modebar=camera)
    if chart.dots:
        figure.update_layout(hovermode="closest")
    if chart.marked is not None:
        figure.add_vline(x=chart.marked, line={"color": theme.text, "width": 1, "dash": "dot"})
    return figure


def _with_first(dots: Sequence[Dot]) -> list[tuple[Dot, bool]]:
    """Each dot, and whether it is the first of its style: one entry of the legend each."""
    styles = [(dot.method, dot.hollow) for dot in dots]
    return [
        (dot, styles.index(style) == place)
        for place, (dot, style) in enumerate(zip(dots, styles, strict=True))
    ]


def _add_line(figure: go.Figure, line: Line) -> None:
    text = None
    if line.labelled is not None:
        text = [f"<b>{line.label}</b>" if place == line.labelled else "" for place in range(len(line.x))]
    figure.add_scatter(
        x=line.x.astype(np.float32),
        y=line.y.astype(np.float32),
        name=line.name,
        mode="lines" if text is None else "lines+text",
        text=text,
        textposition="top right",
        textfont={"color": line.colour, "size": 14},
        line={
            "color": line.colour,
            "dash": line.dash,
            "width": line.width,
            "shape": "vh" if line.stairs else "linear",
        },
        hovertemplate="%{y:.1f} %" if line.stairs else None,
        hoverinfo=None if line.stairs else "skip",
    )


def _add_dot(figure: go.Figure, dot: Dot, theme: Theme, *, in_legend: bool) -> None:
    figure.add_scatter(
        x=[dot.x],
        y=[dot.y],
        name=f"{dot.method}, strictly local" if dot.hollow else dot.method,
        legendgroup=f"{dot.method}{dot.hollow}",
        showlegend=in_legend,
        mode="markers+text" if dot.placement != "none" else "markers",
        text=[dot.label],
        textposition=_PLACES[dot.placement],
        textfont={"color": theme.text, "size": 13},
        cliponaxis=False,
        marker={
            "color": dot.colour,
            "symbol": f"{dot.symbol}-open" if dot.hollow else dot.symbol,
            "size": 12,
            "line": {
                "width": 2.5 if dot.hollow else 1,
                "color": dot.colour if dot.hollow else theme.background,
            },
        },
        hovertemplate="<br>".join(dot.hover) + "<extra></extra>",
    )
