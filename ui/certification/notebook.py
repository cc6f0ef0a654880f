"""A notebook of what is on screen: it holds the certificate itself and runs as exported, beside this package."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

_LINE = 100


@dataclass(frozen=True)
class Told:
    """What a notebook says about the present state.

    Args:
        title: of the input.
        claim: the sentence on screen; command: that samples the same certificate again.
        content: of the certificate's file.
        budgets: Python expression of the budgets of the curve, from `certificate`; here: of the budget on screen.
        targets: Python expression of what is counted, or "None".
        axis: Python expression of the horizontal axis, from `certificate` and `budgets`; what: its name.
        outputs: what the counts are a share of; method: of the collective certificate on screen.
    """

    title: str
    claim: str
    command: str
    content: bytes
    budgets: str
    here: str
    targets: str
    axis: str
    what: str
    outputs: int
    method: str = "envelope"


def notebook(told: Told) -> str:
    """The notebook as the text of an `.ipynb` file."""
    cells = [
        new_markdown_cell(
            f"# {told.title}\n\n{told.claim}\n\nThe same certificate on the command line:\n\n```\n{told.command}\n```"
        ),
        new_markdown_cell(
            "The certificate is in this notebook: counts, labels, settings. The next cell writes it to a "
            "file and reads it "
            "with `lrscore`; nothing else is needed, no model and no picture."
        ),
        new_code_cell(_stored(told.content)),
        new_markdown_cell(
            "Check it without trusting it: bounds, thresholds and proofs follow from the counts."
        ),
        new_code_cell(
            "from lrscore.verify import verify_file\n\nfor check in verify_file(path):\n    print(check)"
        ),
        new_markdown_cell("The number on screen."),
        new_code_cell(_number(told)),
        new_markdown_cell("The curve."),
        new_code_cell(_curve(told)),
    ]
    return _written(cells)


def assembled(cells: Sequence[tuple[str, str]]) -> str:
    """A notebook of ("markdown" or "code", text) as the text of an `.ipynb` file; the same cells, the same file."""
    made = {"markdown": new_markdown_cell, "code": new_code_cell}
    return _written([made[kind](text) for kind, text in cells])


def _written(cells: Sequence[nbformat.NotebookNode]) -> str:
    made = new_notebook(cells=list(cells))
    made.metadata["language_info"] = {"name": "python"}
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    nbformat.validate(made)
    return str(nbformat.writes(made))


def stored_bytes(content: bytes, name: str, variable: str = "path") -> list[str]:
    """Lines of code that write a file to a fresh folder and leave its path in a variable."""
    text = textwrap.wrap(base64.b64encode(content).decode("ascii"), _LINE)
    return [
        "import base64",
        "import tempfile",
        "from pathlib import Path",
        "",
        f"{variable} = Path(tempfile.mkdtemp()) / {name!r}",
        f"{variable}.write_bytes(base64.b64decode(",
        *(f'    "{line}"' for line in text),
        "))",
    ]


def _stored(content: bytes) -> str:
    return "\n".join(
        [
            *stored_bytes(content, "certificate.nc"),
            "",
            "import lrscore",
            "",
            "certificate = lrscore.load_certificate(path)",
            "print(certificate.guarantee())",
        ]
    )


def _number(told: Told) -> str:
    return "\n".join(
        [
            "import numpy as np",
            "",
            f"targets = {told.targets}",
            f"here = certificate.collective({told.here}, {told.method!r}, targets)",
            f"outputs = {told.outputs}",
            "proven = int(here.certified[0])",
            'print(f"proven: {proven:,} of {outputs:,} ({proven / outputs:.1%}); ceiling {int(here.ceiling[0]):,}")',
        ]
    )


def _curve(told: Told) -> str:
    methods: Sequence[str] = ("naive", "paper", "envelope")
    return "\n".join(
        [
            "import matplotlib.pyplot as plt",
            "",
            f"budgets = {told.budgets}",
            f"axis = {told.axis}",
            "figure, plot = plt.subplots(figsize=(5, 3.2))",
            f"for method in {tuple(methods)!r}:",
            "    found = certificate.collective(budgets, method, targets)",
            "    plot.step(axis, 100 * found.certified / outputs, where='pre', label=method)",
            "plot.step(axis, 100 * found.ceiling / outputs, where='post', linestyle='--', label='ceiling')",
            f"plot.set(xlabel={told.what!r}, ylabel='certified (%)', ylim=(0, 100))",
            "plot.legend()",
            "plt.show()",
        ]
    )
