"""What is downloaded is what is on screen, and the files are made without the session.

Streamlit calls a download's callable in another thread, where session state is not the reader's: here it raises.
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
from streamlit.runtime.state import session_state_proxy
from streamlit.testing.v1 import AppTest

from lrscore.files import load_certificate
from models.scenes.gallery import GALLERY
from tests.ui.graphs.toy_certificate import toy_certificate as toy_graph_certificate
from tests.ui.page_support import checked, html, open_page, proven
from tests.ui.toy import toy_certificate
from ui.graphs.plane import compute_plane
from ui.images.curves import compute_curves
from ui.images.states import pixel_states
from ui.style.palette import STATES
from ui.style.pictures import grey_picture, styles_picture
from ui.style.theme import DARK, LIGHT

Files = dict[str, tuple[str, bytes]]


@pytest.fixture
def download(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Files]:
    """Presses every download button of the last run: label -> (file name, content)."""
    offered: dict[str, tuple[str, Callable[[], object]]] = {}
    real_button, real_state = st.download_button, session_state_proxy.get_session_state

    def button(
        label: str, data: Callable[[], object], file_name: str, *more: object, **options: object
    ) -> bool:
        offered[options.get("key") if label == "Download" else label] = file_name, data
        return real_button(label, data, file_name, *more, **options)

    def state() -> object:
        if get_script_run_ctx(suppress_warning=True) is None:
            raise AssertionError("a download reads session state outside the script's run")
        return real_state()

    monkeypatch.setattr(st, "download_button", button)
    monkeypatch.setattr(session_state_proxy, "get_session_state", state)

    def press() -> Files:
        made: Files = {}
        problems: list[BaseException] = []

        def work() -> None:
            try:
                for label, (name, data) in offered.items():
                    content = data()
                    made[label] = name, content.encode() if isinstance(content, str) else bytes(content)
            except BaseException as error:  # handed to the test
                problems.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(120)
        assert not problems, problems
        return made

    return press


def claim(text: str) -> tuple[str, str]:
    """The large number and its sentence."""
    number = re.search(r'data-testid="certified-share">(.*?)<', text)
    sentence = re.search(r'class="lrs-count">(.*?)</p>', text, re.DOTALL)
    assert number
    assert sentence
    return number[1], re.sub(r"<.*?>", "", sentence[1])


def marked_place(svg: str) -> float:
    """Where the dotted line of the chosen budget stands, in pixels."""
    found = re.search(r'<path d="M([\d.]+) 20v330"', svg)
    assert found
    return float(found[1])


@pytest.mark.parametrize("dark", [False, True])
def test_pictures(gallery: Path, download: Callable[[], Files], monkeypatch: pytest.MonkeyPatch, dark: bool):
    monkeypatch.setattr("ui.images.export_panel.current_theme", lambda: DARK if dark else LIGHT)
    certificate = load_certificate(gallery / f"{GALLERY[0].name}.nc")
    page = open_page("segmentation")
    places, names = [], []
    for count, words in (("correct", "correct pixels"), ("all", "all pixels")):
        curves = compute_curves(certificate, count)
        checked(page.segmented_control(key="image_count").set_value(count).run())
        for epsilon in (0.0, 0.05, 0.15):
            checked(page.slider(key="image_eps").set_value(epsilon).run())
            index, files = curves.index(epsilon), download()
            report = files["Report (HTML, one file)"][1].decode()
            assert claim(report) == claim(html(page))
            name, picture = files["Certified overlay (PNG)"]
            states = pixel_states(certificate, epsilon, curves.allocation[index], count)
            expected = styles_picture(
                grey_picture(certificate.image), states.numbers, STATES, dark=dark, factor=4
            )
            assert np.array_equal(np.asarray(Image.open(io.BytesIO(picture))), expected)
            rows = list(csv.DictReader(io.StringIO(files["Curves (CSV)"][1].decode())))
            assert int(rows[index]["proven"]) == proven(page)
            svg = files["Curves (SVG)"][1].decode()
            places.append(marked_place(svg))
            assert svg in report, "the same drawing"
            assert f"eps-{epsilon:.3f}"[:7] in name
            assert words.replace(" ", "-") in name
            names.append(name)
            assert f"background: {'#11171c' if dark else '#fbfaf7'}" in report, "the reader's colours"
    assert places[:3] == sorted(set(places[:3])), "the mark follows the budget"
    assert len(set(names)) == 6
    assert "2x3" in names[0]


def test_graphs(graph_gallery: Path, download: Callable[[], Files]):
    certificate = toy_graph_certificate()
    page = open_page("graph", cut="deletions")
    pictures, places = set(), []
    for count in ("unseen", "all"):
        checked(page.segmented_control(key="graph_count").set_value(count).run())
        plane = compute_plane(certificate, count, boxes=3)
        for deletions in (0, 1, 3):
            checked(page.slider(key="graph_additions").set_value(0).run())
            checked(page.slider(key="graph_deletions").set_value(deletions).run())
            files = download()
            name, content = files["Report (HTML, one file)"]
            report = content.decode()
            assert claim(report) == claim(html(page))
            assert f"{deletions}-deletion" in name
            chosen = re.findall(r"class=here[^>]*>([\d.]+)<", report)
            point = plane.index(0, deletions)
            assert chosen == [f"{np.floor(1000 * plane.proven[point] / plane.outputs + 1e-6) / 10:.1f}"]
            assert int(plane.proven[point]) == proven(page)
            svg = files["Methods compared (SVG)"][1].decode()
            assert svg in report
            places.append(marked_place(svg))
            pictures.add(files["Graph with states (PNG)"][1])
            rows = list(csv.DictReader(io.StringIO(files["Counts over all budgets (CSV)"][1].decode())))
            found = [row for row in rows if (row["additions"], row["deletions"]) == ("0", str(deletions))]
            assert int(found[0]["proven"]) == proven(page)
    assert places[:3] == sorted(set(places[:3]))
    assert len(pictures) > 2, "the picture shows the states at the budgets"


def test_comparisons(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, download: Callable[[], Files]
):
    monkeypatch.setattr("ui.library.opened.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    toy_certificate(grid=(1, 1), samples=256).save(folder / "isotropic.nc")
    replace(toy_certificate(), reference=None).save(folder / "bare.nc")
    for second, what in (
        ("own:isotropic", "certified accuracy"),
        ("own:bare", "certified ratio"),
    ):  # both counts
        page = open_page("compare", pick=[f"bundled:{GALLERY[0].name}", second])
        reports = set()
        for epsilon in (0.0, 0.05, 0.15):
            checked(page.slider(key="compare_budget").set_value(epsilon).run())
            files = download()
            table = page.dataframe[0].value
            rows = list(csv.DictReader(io.StringIO(files["Table (CSV)"][1].decode())))
            column = f"certified at ε = {epsilon:g} (%)"
            assert [float(row[column]) for row in rows] == table[column].tolist()
            name, content = files["Report (HTML, one file)"]
            report = content.decode()
            reports.add(report)
            assert f"eps-{epsilon:g}" in name
            assert "a-localized" in name
            assert f"At the budget ε = {epsilon:g}" in report
            assert what in report
            assert report.count("data:image/png;base64,") >= 3, "the picture and the states of both"
            assert report.count("python -m lrscore certify image") == 2
            assert files["Curves (SVG)"][1].decode() in report
        assert len(reports) == 3


def test_every_page_offers_its_files_without_the_session(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, download: Callable[[], Files]
):
    monkeypatch.setattr("ui.library.opened.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    toy = toy_certificate(samples=64)
    toy = replace(toy, provenance={**toy.provenance, "title": GALLERY[1].name})
    toy.save(folder / "0123456789abcdef.nc")
    page = open_inside_shell("browse")
    names = [name for name, _ in download().values()]
    assert (
        f"{GALLERY[1].title.lower().replace(' ', '-')}_2x3_gaussian-0.1-to-0.3_64-samples_bonferroni.nc"
        in names
    )
    checked(page.text_input(key="name_own:0123456789abcdef").set_value("  My  <b>best</b> run ").run())
    assert "<b>My &lt;b&gt;best&lt;/b&gt; run</b>" in html(page)
    assert any(name.startswith("my-b-best-b-run_2x3_") for name, _ in download().values())
    checked(page.text_input(key="browse_find").set_value("best").run())
    assert "1 of 2 certificates" in page.caption[-1].value
    checked(page.text_input(key="name_own:0123456789abcdef").set_value("").run())
    assert "best" not in html(page)


def open_inside_shell(name: str) -> AppTest:
    from tests.ui.pages.test_library_pages import open_page as inside

    return inside(name)
