"""A notebook of a study: it holds the table itself and runs as exported, beside this package."""

from __future__ import annotations

from lrscore.study.comparing import TEST
from lrscore.study.exporting import note
from lrscore.study.store import STUDY, TABLE
from ui.certification.notebook import assembled, stored_bytes
from ui.studies.charts import SPREAD
from ui.studies.shelf import Results

JOINT = (
    "The numbers of one picture hold with that picture's confidence; a mean over pictures is a description and no "
    "certificate."
)


def study_notebook(results: Results, method: str, axis: str, pair: tuple[str, str] | None = None) -> str:
    """The text of an `.ipynb` file: summary, curves with their spread, and two settings compared.

    Args:
        method: that counts.
        axis: what stands at the axis of budgets.
        pair: settings to compare; the first two if None.
    """
    cells: list[tuple[str, str]] = [
        ("markdown", f"# {results.folder.name}\n\n{note(results.summary)} {JOINT}\n\n{_command(results)}"),
        ("code", _read(results)),
        ("markdown", "The summary: every setting and way to count."),
        ("code", "from lrscore.study.exporting import markdown_text\n\nprint(markdown_text(rows))"),
        (
            "markdown",
            f"Curves: median picture, and from the {SPREAD[0]:.0%} to the {SPREAD[2]:.0%} quantile.",
        ),
        ("code", _curves(results, method, axis)),
    ]
    if len(results.settings) > 1:
        first, second = pair or results.settings[:2]
        cells += [
            ("markdown", f"Two settings, picture by picture. {TEST}; it certifies nothing."),
            (
                "code",
                "from lrscore.study.comparing import compare\n\n"
                f"print(compare(rows, ({first!r}, {method!r}), ({second!r}, {method!r})).sentence())",
            ),
        ]
    return assembled(cells)


def _command(results: Results) -> str:
    try:
        study = (results.folder / STUDY).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "The study file did not lie beside the table."
    return (
        f"The same study on the command line, with this text as `{STUDY}`:\n\n"
        f"```\npython -m lrscore study run {STUDY} --out {results.folder.name}\n```\n\n```toml\n{study.strip()}\n```"
    )


def _read(results: Results) -> str:
    return "\n".join(
        [
            *stored_bytes((results.folder / TABLE).read_bytes(), TABLE),
            "",
            "from lrscore.study.table import read_table",
            "",
            "rows = read_table(path)",
            'print(f"{len(rows):,} rows")',
        ]
    )


def _curves(results: Results, method: str, axis: str) -> str:
    return "\n".join(
        [
            "import matplotlib.pyplot as plt",
            "import numpy as np",
            "",
            "from lrscore.study.comparing import curves_of",
            "",
            f"settings = {results.settings!r}",
            "figure, plot = plt.subplots(figsize=(5, 3.2))",
            "for setting in settings[:6]:",
            f"    curves = curves_of(rows, setting, {method!r})",
            "    if curves is None:",
            "        continue",
            f"    low, middle, high = 100 * np.quantile(curves.shares, {SPREAD!r}, axis=0)",
            "    (line,) = plot.step(curves.budgets, middle, where='pre', label=setting)",
            "    plot.fill_between(curves.budgets, low, high, step='pre', alpha=0.2, color=line.get_color())",
            f"plot.set(xlabel={axis!r}, ylabel='certified (%)', ylim=(0, 100))",
            "plot.legend()",
            "plt.show()",
        ]
    )
