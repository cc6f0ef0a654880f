"""What holds for the whole tree: no circles, floors, two wings apart, one place for the discount, declared imports."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.import_graph import PACKAGES, ROOT, across, circles, import_graph, imported, source_files, upward

LRSCORE = (
    {"errors", "atomic", "agreement", "streams", "ahead", "layouts", "faults", "memory", "kept_pages"},
    {
        "batches",
        "catalogue",
        "class_names",
        "plain",
        "evaluation",
        "monitor",
        "metrics",
        "references",
        "noise",
        "statistics",
        "plain_text",
        "plain_heaps",
    },
    {"collective", "settings", "provenance", "plain_files", "stored_texts", "class_tree"},
    {"records", "targeted", "vote_choice"},
    {"stored_choice"},
    {"certificate"},
    {"standing"},
    {"checks"},
    {"images", "graphs"},
    {"files"},
    {"verify", "unfinished"},
    {"study"},
    {"cli"},
    {"__main__"},
)
UI = (
    {"style", "site_map", "links", "widgets", "guard", "faults"},
    {"charts", "components", "running"},
    {"library", "certification"},
    {"images", "graphs"},
    {"compare", "studies"},
    {"browse", "lessons"},
    {"shell"},
)
OWNS_DISCOUNT = {"lrscore.certificate", "lrscore.checks", "lrscore.collective.discount"}


def texts(*below: str) -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in source_files(*below).items()}


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return texts(*PACKAGES)


def discounts(text: str) -> bool:
    """Whether a source computes with the count-level discount, or calls what does."""
    tree = ast.parse(text)
    if any(name in ("discounted", "undiscounted") for _, name in imported(text)):
        return True
    return any(
        isinstance(part, ast.Attribute | ast.Name)
        and getattr(part, "attr", getattr(part, "id", "")) == "discount"
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp)
        for part in (node.left, node.right)
    )


def test_nothing_imports_in_a_circle(sources: dict[str, str]):
    assert circles(import_graph(sources)) == []


def test_imports_never_go_upward(sources: dict[str, str]):
    graph = import_graph(sources)
    assert upward(graph, "lrscore", LRSCORE) == []
    assert upward(graph, "ui", UI) == []


def test_images_and_graphs_are_apart(sources: dict[str, str]):
    graph = import_graph(sources)
    assert across(graph, "images", "graphs") == []
    assert across(graph, "segmentation", "graphs") == []


def test_nothing_imports_tests(sources: dict[str, str]):
    everything = sources | texts("pages") | {"app": (ROOT / "app.py").read_text()}
    assert [
        name
        for name, text in everything.items()
        for place, _ in imported(text)
        if place.split(".")[0] == "tests"
    ] == []


def test_only_the_certificate_knows_the_discount(sources: dict[str, str]):
    assert {name for name, text in sources.items() if discounts(text)} <= OWNS_DISCOUNT


def test_third_party_imports_are_declared(sources: dict[str, str]):
    files = ("requirements.txt", "requirements-dev.txt", "pyproject.toml")
    listed = "\n".join((ROOT / name).read_text() for name in files)
    declared = {
        name.lower().replace("_", "-")
        for name in re.findall(r"(?:^|\")([\w.-]+)(?===)", listed, re.MULTILINE)
    }
    homes = packages_distributions()
    own = {*PACKAGES, "pages", "app", "tests"}
    used = {place.split(".")[0] for text in sources.values() for place, _ in imported(text)}
    outside = {name for name in used if name not in own | set(sys.stdlib_module_names)}
    missing = {
        name
        for name in outside
        if not {home.lower().replace("_", "-") for home in homes.get(name, [name])} & declared
    }
    assert missing == set()


def test_planted_faults_are_found(sources: dict[str, str]):
    circle = sources | {"lrscore.errors": "def late():\n    from lrscore.certificate import Certificate\n"}
    assert any("lrscore.errors" in found for found in circles(import_graph(circle)))
    typed = sources | {
        "lrscore.records": "if TYPE_CHECKING:\n    from lrscore.images.certificate import ImageCertificate\n"
    }
    assert any("lrscore.records" in found for found in circles(import_graph(typed)))
    wing = import_graph(sources | {"lrscore.images.levels": "from lrscore.graphs import partition\n"})
    assert across(wing, "images", "graphs") == ["lrscore.images.levels imports lrscore.graphs.partition"]
    climbing = import_graph(sources | {"lrscore.noise.flips": "import lrscore.files\n"})
    assert "lrscore.noise.flips imports lrscore.files" in upward(climbing, "lrscore", LRSCORE)
    new = import_graph(sources | {"lrscore.attic": ""})
    assert upward(new, "lrscore", LRSCORE) == ["lrscore.attic stands on no floor"]
    assert discounts("count = certified - plan.discount")
    assert discounts("from lrscore.collective.discount import discounted")
