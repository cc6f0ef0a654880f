"""Studies on a stage: the best setting as a headline, and one figure at a time."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lrscore.study.summary import summarize
from tests.ui.page_support import ROOT, TIMEOUT, checked, html
from tests.ui.studies.made_up import write_study
from ui.studies.stage import headline_html
from ui.style.words import radius_words


@pytest.fixture
def studies(tmp_path, monkeypatch):
    monkeypatch.setenv("LRS_STUDIES", str(tmp_path / "studies"))
    return tmp_path / "studies"


def on_stage() -> AppTest:
    page = AppTest.from_file(ROOT / "pages" / "main" / "studies.py", default_timeout=TIMEOUT)
    page.query_params["stage"] = "true"
    return checked(page.run())


def spec(page: AppTest) -> str:
    [plot] = page.get("plotly_chart")
    return str(plot.proto.spec)


def test_headline_and_one_figure_that_the_keys_change(studies):
    rows = write_study(studies / "many", 30)
    page = on_stage()
    best = max(summarize(rows), key=lambda one: one.radius or 0.0)
    assert best.setting == "far"
    assert radius_words(best.radius or 0.0) in html(page)
    assert "<strong>far</strong>, mean of 29 pictures" in html(page)
    assert not page.dataframe
    assert not page.text_area
    assert "mean IoU" in spec(page)
    for key, expected in (("stage_next", "budget"), ("stage_next", "budget"), ("stage_previous", "mean IoU")):
        checked(page.button(key=key).click().run())
        assert expected in spec(page), "the last figure is followed by none"


def test_without_radii_the_headline_counts_certificates(studies):
    rows = [row for row in write_study(studies / "many", 4) if row["status"] == "done"]
    graphs = [{name: value for name, value in row.items() if name != "radius_envelope"} for row in rows]
    summary = summarize(graphs)
    told = headline_html(summary, summary[0].method)
    assert f">{len(rows)}</div>" in told
    assert "certificates done" in told


def test_without_studies_the_stage_says_so(studies):
    page = on_stage()
    assert "There is no study yet" in page.caption[-1].value
