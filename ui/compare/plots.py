"""The two plots of the comparison: accuracy against average certified radius, and certified share against budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ui.charts.chart import Chart, Dash, Dot, Line, axis, placed
from ui.compare.scores import Score, front_of
from ui.style.glossary import budget_axis, norm_words
from ui.style.theme import Theme

_DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_MARKS = 7  # on a curve
_ON_TOP = 1.6  # width of branch and bound, which often lies on the envelope


def pareto_chart(scores: Sequence[Score], theme: Theme) -> Chart:
    """Mean IoU (or, without references, pixels with a prediction) to the right, average certified radius upwards."""
    sound = [100 * score.sound for score in scores]
    referenced = scores[0].miou is not None
    name = "mean IoU of the smoothed prediction (%)" if referenced else "pixels with a prediction (%)"
    middle, half = (max(sound) + min(sound)) / 2, max(10.0, 0.75 * (max(sound) - min(sound)))
    across = axis(name, max(0.0, middle - half), min(100.0, middle + half))
    radii = [score.radius for score in scores]
    up = axis(f"average certified radius ({norm_words(scores[0].norm)})", 0.0, max(1.12 * max(radii), 1e-3))
    dots = [
        Dot(
            x=place,
            y=score.radius,
            label=score.entrant.short,
            method=score.entrant.method.name,
            colour=score.entrant.method.style.colour(theme),
            symbol=score.entrant.method.style.symbol,
            hollow=score.entrant.hollow,
            hover=_hover_lines(score),
        )
        for place, score in zip(sound, scores, strict=True)
    ]
    front = sorted(front_of(scores), key=lambda position: -sound[position])
    line = Line(
        "nobody beats these in both",
        theme.muted,
        "dot",
        1.4,
        np.array([sound[position] for position in front]),
        np.array([radii[position] for position in front]),
        shape="linear",
    )
    title = f"Average certified radius against {'mean IoU' if referenced else 'share of answered pixels'}."
    return Chart(title, across, up, (line,) if len(front) > 1 else (), placed(dots, across, up))


def curve_chart(scores: Sequence[Score], epsilon: float, theme: Theme, *, what: str) -> Chart:
    """Certified share against the budget, one staircase a row.

    Colour, mark and width say the method. Of several certificates dash and letter say which; one alone has its
    methods' own dashes.
    """
    largest = max(float(score.epsilons[-1]) for score in scores)
    letters = list(dict.fromkeys(score.entrant.letter for score in scores))
    lines = [
        _curve(score, theme, letters, (number + 0.5) / len(scores)) for number, score in enumerate(scores)
    ]
    return Chart(
        f"{what.capitalize()} against the budget.",
        axis(budget_axis(scores[0].norm), 0.0, largest),
        axis(f"{what} (%)", 0.0, 100.0),
        tuple(lines),
        marked=epsilon,
    )


def _curve(score: Score, theme: Theme, letters: list[str], height: float) -> Line:
    """One row; `height` in [0, 1] puts the labels of different rows at different heights."""
    entrant, method, percent = score.entrant, score.entrant.method, 100 * score.curve
    rank, alone = letters.index(entrant.letter), len(letters) == 1
    wanted = percent[0] * (0.82 - 0.62 * height)
    steps = len(percent)
    first = round(steps * (rank + 1) / (_MARKS * (len(letters) + 1)))
    return Line(
        entrant.name,
        method.style.colour(theme),
        method.style.dash if alone else _DASHES[rank % len(_DASHES)],
        _ON_TOP if entrant.counting == "exact" else method.style.width,
        score.epsilons,
        percent,
        label=method.short if alone else entrant.letter,
        labelled=max(0, int(np.searchsorted(-percent, -wanted)) - 1),  # the last point that high
        symbol=method.style.symbol,
        marks=tuple(range(first, steps, max(1, steps // _MARKS))),
        hollow=entrant.hollow,
    )


def _hover_lines(score: Score) -> tuple[str, ...]:
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
