"""Certificates of runs that were stopped before their end: shown as such, and no rival counts as there by them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lrscore import ImageSettings, stream_image
from lrscore.cli.main import main
from lrscore.images.certificate import ImageCertificate
from lrscore.images.further import stopped_early
from tests.ui import page_support
from tests.ui.compare.test_scores import scored
from tests.ui.graphs.toy_certificate import toy_beginning as graph_beginning
from tests.ui.graphs.toy_certificate import toy_certificate as toy_graph
from tests.ui.pages.test_library_pages import open_page as open_in_shell
from tests.ui.toy import ToyModel, toy_beginning, toy_certificate, toy_image
from ui.browse.summary import summarise
from ui.certification.stopped import stopped_words
from ui.compare.pair import Side, number_rows
from ui.compare.rivals import missing_rival
from ui.compare.scores import cost_sentence, stopped_in_words
from ui.compare.sets import gather, read_header
from ui.compare.table import table_columns, table_csv
from ui.images.curves import compute_curves
from ui.images.export import Exported, reproduce_command
from ui.images.report import html_report
from ui.library.entries import Entry
from ui.library.file_memory import FileMemory
from ui.style.theme import LIGHT

SAID = "32 of 512 samples per region in 1 of 6 regions, look 1 of 5"
FOCUSED = ImageSettings(
    grid=(1, 4), pilot_samples=32, samples=512, correction="anytime", focus=(0.05,), tolerance=0.05
)


def looks(settings: ImageSettings) -> list[ImageCertificate]:
    """Every certificate of a run."""
    generator = torch.Generator().manual_seed(0)
    return list(stream_image(ToyModel(), toy_image(36, 48), settings, generator=generator))


def stored(folder: Path, **certificates: ImageCertificate) -> dict[str, Entry]:
    for name, certificate in certificates.items():
        certificate.save(folder / f"{name}.nc")
    return {name: Entry("own", folder / f"{name}.nc", 1) for name in certificates}


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry]:
    """A run that was stopped, its whole one of the same picture and settings, and one of another picture."""
    begun = toy_beginning()
    whole = toy_certificate(samples=512, correction="anytime")
    whole = replace(whole, settings=begun.settings)
    other = replace(toy_certificate(samples=512, correction="anytime", size=36), settings=begun.settings)
    return stored(tmp_path_factory.mktemp("shelf"), begun=begun, whole=whole, other=other)


@pytest.mark.parametrize("focus", [(), (0.05,)])
def test_every_look_but_the_last_is_stopped_early(focus: tuple[float, ...]):
    """Adaptive sampling leaves groups on purpose; a run that would have gone on is told from one that ended."""
    found = looks(replace(FOCUSED, focus=focus))
    assert [stopped_early(one) for one in found] == [True] * (len(found) - 1) + [False]
    assert found[-1].short_of_plan == bool(focus)


def test_how_far_is_said():
    assert stopped_words(toy_beginning()) == SAID
    assert stopped_words(toy_certificate()) == ""
    assert stopped_words(graph_beginning()).endswith("samples per cluster in 1 of 2 clusters, look 5 of 5")
    assert stopped_words(toy_graph()) == ""


def test_a_rival_that_was_stopped_is_not_there_already(entries: dict[str, Entry]):
    def rival(*names: str):
        offer = gather([entries[name] for name in names], FileMemory(read_header))
        choice = next(iter(offer.singles.values()))
        return missing_rival(choice, choice.settings, list(offer.sets.values()), list(choice.members))

    assert len(rival("begun").members) == 1
    assert len(rival("begun", "other").members) == 1
    assert rival("whole").members == rival("begun", "whole").members == rival("whole", "begun").members == ()


def test_lists_say_it_and_a_set_takes_the_whole_one(entries: dict[str, Entry]):
    offer = gather(list(entries.values()), FileMemory(read_header))
    titles = [choice.title for choice in offer.singles.values()]
    assert [title.endswith(" · stopped early") for title in titles] == [True, False, False]
    (both,) = offer.sets.values()
    assert {entry.path.stem for entry in both.members.values()} == {"whole", "other"}
    assert not both.stopped
    (partly,) = gather([entries["other"], entries["begun"]], FileMemory(read_header)).sets.values()
    assert (list(partly.stopped.values()), partly.title.endswith(" · 1 stopped early")) == ([SAID], True)


def test_an_adaptive_run_that_ended_is_not_called_stopped(tmp_path: Path):
    found = looks(FOCUSED)
    entries = stored(tmp_path, whole=found[-1], begun=found[-2])
    assert read_header(entries["whole"]).stopped == ""
    assert read_header(entries["begun"]).stopped == stopped_words(found[-2]) != ""


def test_the_comparison_and_its_exports_say_it():
    begun, whole = scored([toy_beginning()], "envelope"), scored([toy_certificate()], "envelope")
    assert (stopped_in_words(begun), stopped_in_words(whole)) == (SAID, "")
    assert SAID in cost_sentence([whole, begun])
    assert "topped early" not in cost_sentence([whole])
    assert table_columns([begun, whole], 0.1)["stopped early"] == [SAID, ""]
    assert SAID in table_csv([begun, whole], 0.1)
    assert "stopped early" not in table_columns([whole], 0.1)
    sides = [
        Side(name, "Toy", found, compute_curves(found, "correct"))
        for name, found in (("A", toy_beginning()), ("B", toy_certificate()))
    ]
    assert ("stopped early", SAID, "no") in number_rows(sides[0], sides[1], 0.1)


def test_report_command_and_card_say_it(entries: dict[str, Entry]):
    begun, whole = toy_beginning(), toy_certificate()
    for certificate, said in ((begun, True), (whole, False)):
        screen = Exported(certificate, compute_curves(certificate, "all"), 0, "all", LIGHT, "Toy")
        assert (f"<th>stopped early</th><td>{SAID}</td>" in html_report(screen)) == said
        assert (f"stopped early: {SAID}" in reproduce_command(certificate)) == said
    assert summarise(entries["begun"]).stopped == f"stopped early: {SAID}"
    assert summarise(entries["whole"]).stopped == ""


def test_the_command_line_does_not_call_them_not_needed(
    entries: dict[str, Entry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["show", str(entries["begun"].path)]) == 0
    said = capsys.readouterr().out
    assert "stopped early: 32 of 512 samples" in said
    assert "not needed" not in said
    assert main(["show", str(entries["whole"].path)]) == 0
    assert "stopped early" not in capsys.readouterr().out
    graph_beginning().save(tmp_path / "graph.nc")
    assert main(["show", str(tmp_path / "graph.nc")]) == 0
    assert "stopped early: " in capsys.readouterr().out


def test_pages_say_it(gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for module in ("ui.library.opened", "ui.running.page_job"):
        monkeypatch.setattr(f"{module}.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    stored(folder, begun=toy_beginning())
    page = page_support.open_page("compare", pick="own:begun~envelope")
    assert page.dataframe[0].value["row"].tolist() == ["A · localized, envelope (stopped early)"]
    assert any(SAID in one.value for one in page.caption)
    alone = page_support.open_page("segmentation", stored="own:begun", rows="2", cols="3", samples="512")
    assert any(SAID in one.value and "no match for it" in one.value for one in alone.caption)
    assert f"<b>stopped early: {SAID}</b>" in page_support.html(open_in_shell("browse"))


def test_a_joint_test_of_too_few_samples_is_a_sentence(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A file of which one counts fewer samples than it announces, though its plan knows no looks."""
    for module in ("ui.library.opened", "ui.running.page_job"):
        monkeypatch.setattr(f"{module}.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    certificate = toy_certificate(grid=(1, 1), samples=256)
    fewer = replace(certificate, settings=replace(certificate.settings, samples=300))
    stored(folder, fewer=fewer)
    page = page_support.open_page("compare", pick=["own:fewer~radii~segcertify-0.75"])
    assert any("needs all the samples" in one.value for one in page.error)
    assert len(page.dataframe[0].value) == 1
