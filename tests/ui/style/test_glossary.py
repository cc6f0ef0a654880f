"""Every term on screen has a definition, and marking it changes no word."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import plotly.graph_objects as go
import pytest
from markupsafe import Markup

from tests.ui.graphs.toy_certificate import toy_certificate as graph_certificate
from tests.ui.toy import toy_certificate
from ui.charts.figure import chart_figure
from ui.charts.terms import figure_terms
from ui.graphs.plane import compute_plane
from ui.graphs.words import facts_html as graph_facts_html
from ui.images.curves import compute_curves
from ui.images.facts import facts_html
from ui.images.plots import curve_chart
from ui.style.glossary import TERMS, known_terms, term, terms
from ui.style.palette import STATES
from ui.style.theme import LIGHT

ROOT = Path(__file__).resolve().parents[3]


def bare(markup: str) -> str:
    return Markup(re.sub(r"<[^>]+>", "", markup)).unescape()


def test_every_fact_and_every_state_is_defined():
    certificate, graph = toy_certificate(), graph_certificate()
    pieces = facts_html(certificate, compute_curves(certificate, "correct"), 40)
    pieces += graph_facts_html(graph, compute_plane(graph, "all", boxes=3), (0, 0))
    names = [bare(name) for name in re.findall(r"<dt>(.*?)</dt>", pieces)]
    assert len(names) >= 12
    assert [name for name in names if name not in TERMS] == []
    assert [style.name for style in STATES if style.name not in TERMS] == []


def test_a_sentence_keeps_its_words_and_marks_each_term_once():
    sentence = "Its threshold <3> is below the threshold of the worst allocation found."
    marked = terms(sentence)
    assert bare(marked) == sentence
    assert marked.count("data-definition") == 2, "the longest term wins, and none is marked twice"
    assert "<3>" not in marked


def test_a_plural_is_found_and_the_verb_looks_is_not():
    assert known_terms(["regions and noise levels"]) == ("region", "noise level")
    assert bare(terms("Two thresholds.")) == "Two thresholds."
    assert known_terms(["where the model looks"]) == ()


def test_words_that_are_no_term_stay_as_they_are():
    assert term("a <b>") == "a &lt;b&gt;"
    assert terms(Markup("<b>gap</b>")) == "<b>gap</b>"
    assert 'data-definition="' in term("Gap")


@pytest.mark.parametrize("name", sorted(TERMS))
def test_every_entry_is_found_however_it_is_written(name: str):
    for written in (name, name.capitalize(), name.upper()):
        for marked in (term(written), terms(f"Here {written}, and there.")):
            assert Markup('data-definition="{}"').format(TERMS[name]) in marked
            assert written in bare(marked)
        assert known_terms([f"the {written}: proven"])[0] == name


def test_what_a_plot_names_is_defined_below_it():
    chart = curve_chart(
        compute_curves(toy_certificate(), "correct"), 20, LIGHT, what="certified accuracy", norm="l2"
    )
    named = ("ceiling", "envelope", "published LP", "naive", "budget", "certified accuracy")
    assert figure_terms(chart_figure(chart, LIGHT)) == named
    assert chart.x.title == "budget ε (‖δ‖₂, black to white = 1)"


def test_titles_and_colour_bars_are_explained_and_what_no_legend_shows_is_not():
    figure = go.Figure(
        go.Heatmap(z=[[1.0]], name="gap", showlegend=False, colorbar={"title": {"text": "weight"}})
    )
    figure.update_layout(title={"text": "Before: noise levels"}, xaxis={"title": {"text": "plain words"}})
    assert figure_terms(figure) == ("weight", "noise level")


def named_facts(path: Path) -> set[str]:
    """First parts of the triples that a module's functions of facts write, for regions and for clusters."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name in ("facts_html", "common_facts")
    ]
    triples = [
        node.elts[0]
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Tuple)
        and len(node.elts) == 3
        and isinstance(node.elts[0], ast.Constant | ast.JoinedStr)
    ]
    return {eval(ast.unparse(name), {"per": per}) for name in triples for per in ("region", "cluster")}


def test_facts_that_few_certificates_have_are_defined_too():
    files = ("ui/certification/claim.py", "ui/images/facts.py", "ui/graphs/words.py")
    names = set().union(*(named_facts(ROOT / file) for file in files))
    assert {"confidence", "clusters so far", "groups of classes", "subtracted"} <= names
    assert [name for name in sorted(names) if name not in TERMS] == []


def test_every_plot_of_every_page_is_drawn_with_its_terms():
    drawn = {
        str(path.relative_to(ROOT)) for path in ROOT.glob("ui/**/*.py") if "plotly_chart(" in path.read_text()
    }
    drawn |= {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("pages/**/*.py")
        if "plotly_chart(" in path.read_text()
    }
    assert drawn == {"ui/charts/terms.py"}
