"""What code and documents cite exists: documents, their numbered sections, linked files and headings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lrscore.provenance import VERSION

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("lrscore", "models", "jobs", "ui", "pages", "benchmarks", "tests", "docs")
SUFFIXES = {".py", ".md", ".toml", ".html", ".js", ".css"}
TEXTS = sorted(
    path
    for path in (*ROOT.iterdir(), *(path for name in FOLDERS for path in (ROOT / name).rglob("*")))
    if path.is_file() and (path.suffix in SUFFIXES or path.name == "Makefile")
)
PAGES = [path for path in TEXTS if path.suffix == ".md"]
NUMBER = r"\d+(?:\.\d+)*"
DOCUMENT = re.compile(r"\bdocs/[\w/-]+\.(?:md|csv|svg|png)\b")
CITATION = re.compile(rf"\bdocs/theory\.md,\s+({NUMBER}(?:(?:,| and| to)\s+{NUMBER})*)")
HEADING = re.compile(rf'^<a id="({NUMBER})"></a>\n#{{2,4}} ({NUMBER})\.? ', re.MULTILINE)
SOURCE = re.compile(r"`(?:python |pytest )?([\w/.-]+\.py)((?:::\w+)*)")
FOLDER = re.compile(r"`((?:lrscore|models|jobs|ui|pages|benchmarks|tests)/[\w/]+/)`")
LINK = re.compile(r"\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]+))?\)")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """The text with its line breaks, and the comment signs after them, as blanks."""
    return re.sub(r"\s*\n\s*(?:# )?", " ", path.read_text(encoding="utf-8"))


def sections() -> list[tuple[str, str]]:
    return HEADING.findall((ROOT / "docs" / "theory.md").read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """What a link into the page may name: its own marks, and the headings as GitHub spells them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    spelled = [
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    ]
    return {*re.findall(r'<a id="([^"]+)"', text), *spelled}


def test_there_is_something_to_check():
    assert len(PAGES) > 10
    assert sum(len(CITATION.findall(prose(path))) for path in TEXTS) > 10


def test_the_sections_of_the_theory_are_marked_in_order_and_once():
    marks = sections()
    text = (ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
    assert len(marks) == len(re.findall(r"^#{2,4} ", text, re.MULTILINE))
    assert all(mark == number for mark, number in marks)
    places = [tuple(map(int, number.split("."))) for number, _ in marks]
    assert places == sorted(set(places))


def test_cited_documents_and_sections_exist():
    known = {number for number, _ in sections()}
    missing = []
    for path in TEXTS:
        text = prose(path)
        cited = [number for found in CITATION.findall(text) for number in re.findall(NUMBER, found)]
        missing += [(named(path), name) for name in DOCUMENT.findall(text) if not (ROOT / name).is_file()]
        missing += [(named(path), number) for number in cited if number not in known]
    assert missing == []


def test_the_sections_that_the_theory_refers_to_exist():
    known = {number for number, _ in sections()}
    words = re.sub(r"`[^`]*`", "", (ROOT / "docs" / "theory.md").read_text(encoding="utf-8"))
    cited = re.findall(r"(?<![\w.#])[1-9]\d*(?:\.\d+)+(?![\w%])", re.sub(r"arXiv [\d.]+", "", words))
    assert [number for number in cited if number not in known] == []


def test_nobody_cites_a_theory_that_is_not_in_the_project():
    stray = re.compile("THEOR" + "Y")
    assert [named(path) for path in TEXTS if stray.search(path.read_text(encoding="utf-8"))] == []


def test_source_files_that_pages_name_exist():
    missing = []
    for page in PAGES:
        text = (
            "" if page.name == "CHANGELOG.md" else page.read_text(encoding="utf-8")
        )  # which tells of the past
        for name, members in SOURCE.findall(text):
            files = [path for path in TEXTS if f"/{named(path)}".endswith(f"/{name}")]
            wanted = [rf"(?:def|class) {member}\b" for member in members.split("::") if member]
            if not any(all(re.search(line, file.read_text("utf-8")) for line in wanted) for file in files):
                missing.append((named(page), name + members))
        missing += [(named(page), name) for name in FOLDER.findall(text) if not (ROOT / name).is_dir()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_relative_links_resolve(page):
    for file, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{file} does not exist"
        assert not anchor or anchor in anchors(target), f"{file} has no heading or mark #{anchor}"


def test_one_version_everywhere():
    project = re.search(r'^version = "([\d.]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    newest = re.search(
        r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert project is not None
    assert newest is not None
    assert project[1] == newest[1] == VERSION
