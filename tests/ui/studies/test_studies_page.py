"""The page of studies, without a browser: what it shows is what the table says, and what visitors may start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lrscore.errors import LrscoreError
from lrscore.study.api import run_study
from lrscore.study.comparing import compare, curves_of
from lrscore.study.store import Store
from lrscore.study.summary import summarize
from lrscore.study.table import write_table
from tests.lrscore.study.toy_catalogue import NAME
from tests.lrscore.study.toys import graph_study
from tests.ui.page_support import checked, open_page
from tests.ui.studies.made_up import write_study
from ui.studies import starting
from ui.studies.charts import curves_chart, front_chart, pairs_chart
from ui.studies.live import progress_words
from ui.studies.panels import filtered
from ui.studies.shelf import results_of, study_names
from ui.style.theme import LIGHT


@pytest.fixture(autouse=True)
def studies(tmp_path, monkeypatch):
    monkeypatch.setenv("LRS_STUDIES", str(tmp_path / "studies"))
    return tmp_path / "studies"


def texts(page: AppTest) -> str:
    return "\n".join(one.value for kind in ("info", "caption", "markdown", "error") for one in page.get(kind))


def test_without_studies_the_page_offers_to_start_one(studies):
    page = open_page("studies")
    assert "There is no study yet" in texts(page)
    assert page.text_area(key="studies_text").value == starting.EXAMPLE


def test_the_page_says_what_the_table_says(studies):
    rows = write_study(studies / "many", 30)
    page = open_page("studies")
    said = texts(page)
    assert "each with its own alpha" in said
    assert "60 of 60 rows" in said
    assert "59" in said.split("certificates done")[0]
    assert "Wilcoxon signed-rank test" in said
    near = next(one for one in summarize(rows) if one.setting == "near")
    frame = page.dataframe[0].value
    assert frame["radius, envelope"][frame["setting"] == "near"].mean() == pytest.approx(near.radius)
    assert frame[frame["status"] == "failed"]["why it failed"].tolist() == ["it can not be read"]


def test_a_link_names_its_study_and_keeps_it_when_a_newer_one_is_begun(studies):
    write_study(studies / "mine", 6)
    link = open_page("studies").query_params["studies_name"]
    write_study(studies / "theirs", 8)
    assert study_names()[0] == "theirs"
    later = open_page("studies", studies_name=link)
    assert later.selectbox(key="studies_name").value == "mine"
    assert "12 of 12 rows" in texts(later)


def test_rows_are_found_by_words_settings_and_state(studies):
    write_study(studies / "many", 30)
    frame = results_of("many").frame
    assert len(filtered(frame, "00007", [], None)) == 2
    assert len(filtered(frame, "PICTURE far", [], None)) == 30
    assert len(filtered(frame, "", ["near"], None)) == 30
    assert filtered(frame, "", [], "failed")["picture"].tolist() == ["picture 00029"]
    assert len(filtered(frame, "(", [], None)) == 0


def test_a_broken_study_is_said_and_the_others_stay(studies):
    write_study(studies / "good", 3)
    (studies / "bad").mkdir()
    (studies / "bad" / "study.toml").write_text("nonsense")
    (studies / "bad" / "table.parquet").write_bytes(b"nothing")
    assert set(study_names()) == {"good", "bad"}
    page = open_page("studies", studies_name="bad")
    assert "can not be read" in texts(page)
    page.selectbox(key="studies_name").set_value("good")
    assert "rows" in texts(checked(page.run()))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (('data = ["scene:2000000", "scene:2000001", "scene:2000002"]', 'data = ["/etc/*"]'), "by name"),
        (('data = ["scene:2000000", "scene:2000001", "scene:2000002"]', 'data = ["../photos"]'), "by name"),
        (('methods = ["naive", "envelope"]', 'model = "os:getcwd"'), "bundled models by name"),
        (('methods = ["naive", "envelope"]', 'model = "own.json"'), "bundled models by name"),
        (('methods = ["naive", "envelope"]', f"seeds = {list(range(200))}"), "up to 200 certificates"),
        (("[base]", "[base"), "no TOML"),
    ],
)
def test_visitors_start_small_studies_of_named_things_alone(changed, said):
    with pytest.raises(LrscoreError, match=said):
        starting.small_study(starting.EXAMPLE.replace(*changed))


def test_a_started_study_lies_in_a_folder_of_its_own(studies, monkeypatch):
    begun = []
    monkeypatch.setattr(starting, "resume", begun.append)
    study = starting.small_study(starting.EXAMPLE)
    names = [starting.start(study) for _ in range(2)]
    assert names == ["two-levels-of-noise", "two-levels-of-noise-2"]
    assert [folder.name for folder in begun] == names
    assert Store(studies / names[1]).study() == study


def test_what_was_chosen_of_one_study_is_no_trouble_in_another(studies):
    write_study(studies / "many", 3)
    write_study(studies / "other", 3)
    renamed = [row | {"setting": f"other {row['setting']}"} for row in Store(studies / "other").rows]
    write_table(renamed, studies / "other" / "table.parquet")
    page = open_page("studies", studies_name="many")
    page.multiselect(key="studies_settings").set_value(["near"])
    page.selectbox(key="studies_pictures").set_value("far")
    checked(page.run())
    assert "3 of 6 rows" in texts(page)
    page.selectbox(key="studies_name").set_value("other")
    assert "6 of 6 rows" in texts(checked(page.run()))
    assert page.selectbox(key="studies_pictures").value == "other near"


def test_a_started_study_is_told_before_it_holds_its_folder(studies, monkeypatch):
    """It takes seconds to begin: the page says so, and a second reader who presses the button starts no second one."""
    write_study(studies / "many", 3)
    began = []

    class Process:
        def __init__(self, *_, **__):
            began.append(self)

        def poll(self):
            return None

    monkeypatch.setattr(starting, "_STARTED", {})
    monkeypatch.setattr(starting.subprocess, "Popen", Process)
    page = open_page("studies", studies_name="many")
    page.button(key="studies_resume").click()
    page = checked(page.run())
    assert not [button for button in page.button if button.key in ("studies_resume", "studies_stop")]
    starting.resume(studies / "many")
    assert len(began) == 1


@pytest.mark.skipif(shutil.which("nice") is None, reason="no command `nice`")
def test_a_started_study_yields_to_the_pages():
    priority = [*starting._polite(), sys.executable, "-c", "import os; print(os.nice(0))"]
    assert int(subprocess.check_output(priority)) == min(os.nice(0) + 5, 19)


def test_the_draft_of_a_graph_is_a_study_of_it():
    from lrscore.study.reading import study_of
    from tests.ui.graphs.toy_certificate import toy_certificate
    from ui.graphs.study_draft import study_draft

    certificate = toy_certificate()
    study = study_of(study_draft(certificate))
    assert study.kind == "graph"
    assert study.settings[0].values == certificate.settings
    assert len(study.seeds) == 3


def test_progress_is_told_in_words():
    from lrscore.study.status import StudyStatus

    words = progress_words(StudyStatus("t", True, 40, 10, 1, 3, 2, 6.0, 290.0))
    assert words.startswith("10 of 40 done, 1 failed, 3 running, 2 workers, 6 a minute")
    assert "left" in words


def test_thumbnails_paint_what_is_certified():
    from tests.ui.toy import toy_certificate
    from ui.studies.pictures import certified_picture

    certificate = toy_certificate()
    height, width = certificate.shape
    painted = certified_picture(certificate)
    assert painted.shape == (height, 2 * width, 3)
    right = painted[:, width:].astype(int)
    coloured = np.ptp(right, axis=2) > 0
    np.testing.assert_array_equal(coloured, ~certificate.abstained)


def test_a_study_from_the_settings_on_screen_does_the_same_to_other_pictures():
    from lrscore.study.reading import study_of
    from tests.ui.toy import toy_certificate
    from ui.images.study_draft import study_draft

    certificate = toy_certificate()
    study = study_of(study_draft(certificate))
    assert study.settings[0].values == certificate.settings
    assert len(study.data) == 5


def test_figures_for_papers_show_what_the_tabs_show(studies):
    rows = write_study(studies / "many", 12)
    results = results_of("many")
    chart = front_chart(results.summary, "envelope", LIGHT)
    assert chart is not None
    for dot in chart.dots:
        own = next(one for one in results.summary if (one.setting, one.method) == (dot.label, "envelope"))
        assert (dot.x, dot.y, dot.reach) == (own.mean_iou, own.radius, own.interval)
    found = [(name, curves_of(rows, name, "envelope")) for name in results.settings]
    lines = curves_chart(found, LIGHT, results.norm).lines
    for line, (_, curves) in zip(lines, found, strict=True):
        shares = np.sort(100 * curves.shares, axis=0)
        np.testing.assert_allclose(line.y, np.median(shares, axis=0))
        assert ((shares[0] <= line.band[0]) & (line.band[0] <= line.y) & (line.y <= line.band[1])).all()
    assert "‖δ‖₂" in curves_chart(found, LIGHT, results.norm).x.title
    pairs = compare(rows, ("near", "envelope"), ("far", "envelope"))
    dots = pairs_chart(pairs, ("near", "far"), LIGHT).dots
    assert [(dot.x, dot.y) for dot in dots] == list(zip(pairs.first, pairs.second, strict=True))
    page = open_page("studies")
    labels = [button.label for button in page.get("download_button")]
    for label in (
        "Curves (PDF)",
        "Accuracy and radius (SVG)",
        "Two settings (PDF)",
        "Notebook of this study",
    ):
        assert label in labels


def test_a_row_that_tells_no_digest_of_its_file_stays_a_row(studies, tmp_path):
    """Its file does not count as unchanged, and the page shows the study all the same."""
    from lrscore.study.checking import check_file
    from tests.ui.toy import toy_certificate

    toy_certificate().save(tmp_path / "toy.nc")
    write_study(studies / "many", 2, certificate=tmp_path / "toy.nc")
    store = Store(studies / "many")
    assert store.digests == {"best.nc": ""}
    checked_file = check_file(studies / "many" / "best.nc", {"key": "a", "certificate": "best.nc"}, None)
    assert "digest differs" in checked_file.sentence
    assert "of 4 rows" in texts(checked(open_page("studies", studies_name="many")))


def test_a_study_of_graphs_says_what_nodes_withstand(studies, monkeypatch):
    monkeypatch.setenv("LRS_CATALOGUE", NAME)
    run_study(graph_study(data=("ring",)), studies / "graphs", workers=0, catalogue=NAME)
    page = open_page("studies")
    summary = page.dataframe[0].value
    found = summarize(Store(studies / "graphs").rows)
    assert [f"{one.withstood['deletions']:.2f}" for one in found] == summary["deletions withstood"].tolist()
    assert "Withstood is how many changes" in texts(page)
    assert "Graphs have no radius that could be compared" in texts(page)
    assert "No picture was done" not in texts(page)


def test_two_studies_at_once_and_no_more(studies, monkeypatch):
    """Visitors who press Start at the same time share the machine with everybody else."""
    asleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    started, begin = [], subprocess.Popen
    monkeypatch.setattr(starting, "_STARTED", {})

    def sleeping(command, **options):
        started.append(begin(asleep, **options))
        return started[-1]

    monkeypatch.setattr(starting.subprocess, "Popen", sleeping)
    try:
        names = [starting.start(starting.small_study(starting.EXAMPLE)) for _ in range(starting.MOST_RUNNING)]
        with pytest.raises(LrscoreError, match="studies run on this server already"):
            starting.start(starting.small_study(starting.EXAMPLE))
        assert sorted(path.name for path in studies.iterdir()) == sorted(names)
        starting.resume(studies / names[0])  # it runs: nothing to do
        started[0].kill()
        started[0].wait()
        starting.start(starting.small_study(starting.EXAMPLE))
    finally:
        for process in started:
            process.kill()
            process.wait()
