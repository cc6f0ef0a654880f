"""A notebook of a comparison: it holds one certificate of every row and runs as exported, beside this package.

Rows that are sets of pictures stand in it with the picture that the page compares pixel by pixel. Branch and bound is
not run again: its rows are counted by the envelope there, which the text says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ui.certification.notebook import assembled, stored_bytes
from ui.compare.methods import METHODS, SEGCERTIFY, Counting
from ui.compare.scores import Score, confidence_sentence, cost_sentence
from ui.images.curves import CurveSet
from ui.images.states import Count
from ui.style.glossary import budget_axis

_NO_SEARCH = (
    "Branch and bound is not run again here: its rows are counted by the envelope, which never proves more."
)


@dataclass(frozen=True, eq=False)
class Included:
    """One certificate of the notebook: its letter, what it is called, its file, its curves and its command."""

    letter: str
    name: str
    content: bytes
    curves: CurveSet
    command: str


def comparison_notebook(
    scores: Sequence[Score], included: Sequence[Included], epsilon: float, count: Count
) -> str:
    """The text of an `.ipynb` file.

    Args:
        scores: the rows.
        included: one certificate for every letter among them, on the picture on screen.
        epsilon: the budget; each certificate is looked at on its own grid, never below it.
        count: what is counted.
    """
    known = {one.letter: one for one in included}
    rows = [
        (score.entrant.letter, score.entrant.name, score.entrant.counting)
        for score in scores
        if score.entrant.letter in known
    ]
    said = f"{cost_sentence(scores)} {confidence_sentence(scores)}"
    searched = f" {_NO_SEARCH}" if any(counting == "exact" for *_, counting in rows) else ""
    several = " Each set of pictures is represented by one of them." if scores[0].pictures > 1 else ""
    cells: list[tuple[str, str]] = [
        ("markdown", f"# Certificates compared\n\n{said}{searched}{several}"),
        ("code", "import lrscore\n\nfiles, certificates = {}, {}"),
    ]
    for one in included:
        cells += [
            ("markdown", f"{one.letter}: {one.name}\n\n```\n{one.command}\n```"),
            ("code", _stored(one)),
        ]
    return assembled(
        [
            *cells,
            (
                "markdown",
                "Check them without trusting them: bounds, thresholds and proofs follow from counts.",
            ),
            (
                "code",
                "from lrscore.verify import verify_file\n\nfor letter, file in files.items():\n"
                "    print(letter, *verify_file(file), sep='\\n  ')",
            ),
            ("markdown", f"The rows at ε = {epsilon:g}."),
            ("code", _counted(rows, known, epsilon, count)),
            ("markdown", "The curves."),
            ("code", _drawn(scores[0].norm)),
        ]
    )


def _stored(one: Included) -> str:
    return "\n".join(
        [
            *stored_bytes(one.content, f"{one.letter}.nc"),
            f"files[{one.letter!r}], certificates[{one.letter!r}] = path, lrscore.load_certificate(path)",
        ]
    )


def _method(counting: Counting) -> str | float:
    """What the notebook counts with: a collective method, or the share that SegCertify tests."""
    if counting in SEGCERTIFY:
        return SEGCERTIFY[counting]
    return counting if counting in ("naive", "paper") else "envelope"


def _counted(
    rows: Sequence[tuple[str, str, Counting]], known: dict[str, Included], epsilon: float, count: Count
) -> str:
    listed = [
        (
            letter,
            name if counting != "exact" else f"{name} (by the {METHODS['envelope'].name})",
            _method(counting),
        )
        for letter, name, counting in rows
    ]
    here = {letter: _next(one.curves.epsilons, epsilon) for letter, one in known.items()}
    outputs = {letter: one.curves.outputs for letter, one in known.items()}
    correct = "certificate.correct()" if count == "correct" else "None"
    return "\n".join(
        [
            "import numpy as np",
            "",
            "from lrscore.images.baselines import segcertify",
            "",
            "rows = [",
            *(f"    {row!r}," for row in listed),
            "]",
            f"here = {here!r}  # on each certificate's own grid, never below the budget on screen",
            f"outputs = {outputs!r}",
            "",
            "",
            "def counts(letter, method, epsilons):",
            "    certificate = certificates[letter]",
            f"    targets = {correct}",
            "    if isinstance(method, float):",
            "        return segcertify(certificate, method).certified(np.asarray(epsilons), targets)",
            "    budgets = certificate.noise.budget(np.asarray(epsilons))",
            "    return certificate.collective(budgets, method, targets).certified",
            "",
            "",
            "for letter, name, method in rows:",
            "    proven = int(counts(letter, method, [here[letter]])[0])",
            '    print(f"{name}: {proven:,} of {outputs[letter]:,} ({proven / outputs[letter]:.1%})")',
        ]
    )


def _next(epsilons: np.ndarray, epsilon: float) -> float:
    """The grid's budget that a comparison reads; one beyond the grid stays what it is."""
    place = int(np.searchsorted(epsilons, epsilon - 1e-9 * float(epsilons[-1])))
    return float(epsilons[place]) if place < epsilons.size else float(epsilon)


def _drawn(norm: str) -> str:
    return "\n".join(
        [
            "import matplotlib.pyplot as plt",
            "",
            "largest = max(float(one.default_budgets(2)[-1]) for one in certificates.values())",
            "first = next(iter(certificates.values()))",
            "most = np.sqrt(largest) if first.noise.norm == 'l2' else largest",
            "epsilons = np.linspace(0, most, 41)",
            "figure, plot = plt.subplots(figsize=(6, 3.6))",
            "for letter, name, method in rows:",
            f"    if certificates[letter].noise.norm != {norm!r}:",
            "        continue",
            "    share = 100 * counts(letter, method, epsilons) / outputs[letter]",
            "    plot.step(epsilons, share, where='pre', label=name)",
            f"plot.set(xlabel={budget_axis(norm)!r}, ylabel='certified (%)', ylim=(0, 100))",
            "plot.legend(fontsize='small')",
            "plt.show()",
        ]
    )
