"""Tables for papers: comma-separated values as LaTeX."""

from __future__ import annotations

import io

import pandas as pd


def latex_table(csv_text: str, caption: str) -> str:
    r"""A table in LaTeX (booktabs) with the rows of a CSV text, every cell as it stands there.

    Args:
        csv_text: with a head; comment lines begin with "#" and are left out.
        caption: of the table; characters that LaTeX reads otherwise are escaped.
    """
    table = pd.read_csv(io.StringIO(csv_text), dtype=str, keep_default_na=False, comment="#")
    table.columns = [_escaped(str(name)) for name in table.columns]
    styled = table.style.hide(axis="index").format(escape="latex")
    columns = "l" + "r" * (len(table.columns) - 1)
    return str(
        "% needs \\usepackage{booktabs}\n"
        + styled.to_latex(
            hrules=True,
            column_format=columns,
            caption=_escaped(caption),
            position="t",
            position_float="centering",
        )
    )


def _escaped(text: str) -> str:
    special = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}"}
    plain = {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
    return "".join((special | plain).get(letter, letter) for letter in text)
