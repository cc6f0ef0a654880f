"""A chart as a Plotly figure, for pages. The legend lies below the plot, never over its curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ui.charts.chart import BAND_OPACITY, Chart, Dot, Line
from ui.style.theme import Theme

_PLACES = {
    "right": "middle right",
    "left": "middle left",
    "above": "top center",
    "below": "bottom center",
    "none": "middle right",
}
_ROW = 21  # pixels of a legend's row
_PLOT = 300


def chart_figure(chart: Chart, theme: Theme) -> go.Figure:
    """The chart by Plotly."""
    figure = go.Figure()
    if chart.shaded is not None:
        figure.add_vrect(*chart.shaded, fillcolor=theme.surface, line_width=0, layer="below")
    for line in chart.lines:
        _add_band(figure, line)  # all of them below all lines
    for line in chart.lines:
        _add_line(figure, line, theme)
    for dot, first in _with_first(chart.dots):
        _add_dot(figure, dot, theme, in_legend=first and bool(dot.method))
    entries = len(chart.lines) + sum(first for _, first in _with_first(chart.dots))
    lay_out(figure, theme, entries=entries)
    for update, own in ((figure.update_xaxes, chart.x), (figure.update_yaxes, chart.y)):
        update(
            title={"text": own.title},
            range=[own.low, own.high],
            dtick=own.step,
            tickformat=f".{own.digits}f",
        )
    if any(dot.method for dot in chart.dots):
        figure.update_layout(hovermode="closest")
    if chart.marked is not None:
        figure.add_vline(x=chart.marked, line={"color": theme.text, "width": 1, "dash": "dot"})
    return figure


def lay_out(figure: go.Figure, theme: Theme, *, entries: int) -> None:
    """Colours and axes of the page's plots, and room for a legend below the plot.

    Args:
        entries: of the legend, each on a row of its own at worst.
    """
    axis = {
        "gridcolor": theme.border,
        "linecolor": theme.border,
        "zeroline": False,
        "title": {"font": {"size": 13}, "standoff": 8},
        "tickfont": {"size": 12},
        "fixedrange": True,
    }
    figure.update_layout(
        height=_PLOT + 60 + _ROW * entries,
        margin={"l": 58, "r": 12, "t": 26, "b": 50 + _ROW * entries},
        paper_bgcolor=theme.background,  # of the page: a picture saved by the camera has it, too
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": theme.text, "family": "Source Sans, sans-serif"},
        hovermode="x unified",
        hoverlabel={"bgcolor": theme.surface, "font": {"color": theme.text}},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "font": {"size": 12},
        },
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.primary},
        uirevision="chart",
    )
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)


def _with_first(dots: Sequence[Dot]) -> list[tuple[Dot, bool]]:
    """Each dot, and whether it is the first of its style: one entry of the legend each."""
    styles = [(dot.method, dot.hollow) for dot in dots]
    return [
        (dot, styles.index(style) == place)
        for place, (dot, style) in enumerate(zip(dots, styles, strict=True))
    ]


def _faint(colour: str) -> str:
    """A band's colour; a trace's own opacity leaves its filling as it is."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{BAND_OPACITY})"


def _add_band(figure: go.Figure, line: Line) -> None:
    if line.band is None:
        return
    edge = {"color": line.colour, "width": 0, "shape": line.shape}
    for number, values in enumerate(line.band):
        figure.add_scatter(
            x=line.x.astype(np.float32),
            y=values.astype(np.float32),
            mode="lines",
            line=edge,
            fill="tonexty" if number else None,
            fillcolor=_faint(line.colour),
            showlegend=False,
            hoverinfo="skip",
        )


def _add_line(figure: go.Figure, line: Line, theme: Theme) -> None:
    text = None
    if line.labelled is not None:
        text = [f"<b>{line.label}</b>" if place == line.labelled else "" for place in range(len(line.x))]
    symbol = f"{line.symbol}-open" if line.hollow else line.symbol
    mode = "+".join(["lines", *(["markers"] if line.marks else []), *(["text"] if text else [])])
    sizes = np.zeros(len(line.x))
    sizes[list(line.marks)] = 9
    figure.add_scatter(
        x=line.x.astype(np.float32),
        y=line.y.astype(np.float32),
        name=f"{line.name} ({line.note})" if line.note else line.name,
        mode=mode,
        text=text,
        textposition="top right",
        textfont={"color": line.colour, "size": 14},
        cliponaxis=False,
        line={"color": line.colour, "dash": line.dash, "width": line.width, "shape": line.shape},
        marker={
            "symbol": symbol,
            "size": sizes.tolist() if line.marks else 9,
            "color": line.colour,
            "opacity": 1,
            "line": {"width": 2 if line.hollow else 0, "color": line.colour},
        },
        hovertemplate="%{y:.1f} %" if line.shape != "linear" else None,
        hoverinfo=None if line.shape != "linear" else "skip",
    )


def _add_dot(figure: go.Figure, dot: Dot, theme: Theme, *, in_legend: bool) -> None:
    figure.add_scatter(
        x=[dot.x],
        y=[dot.y],
        error_y=None if dot.reach is None else _error_bar(dot, dot.reach, theme),
        name=f"{dot.method}, strictly local" if dot.hollow else dot.method,
        legendgroup=f"{dot.method}{dot.hollow}",
        showlegend=in_legend,
        mode="markers+text" if dot.placement != "none" and dot.label else "markers",
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
        hovertemplate="<br>".join(dot.hover) + "<extra></extra>" if dot.hover else None,
        hoverinfo=None if dot.hover else "skip",
    )


def _error_bar(dot: Dot, reach: tuple[float, float], theme: Theme) -> dict[str, object]:
    low, high = reach
    return {"array": [high - dot.y], "arrayminus": [dot.y - low], "color": theme.muted}
