"""Certificates whose text names code or files where a model's or a graph's name stands: nothing of it is loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jobs import JobState
from lrscore.cli.main import main
from lrscore.errors import InputError
from tests.hostile.surface import Tally
from tests.ui.graphs.toy_certificate import toy_certificate as toy_graph_certificate
from tests.ui.page_support import open_page
from tests.ui.toy import toy_certificate
from ui.graphs.attack.work import attack_model as graph_attack_model
from ui.images.attack.work import attack_model
from ui.images.models import load_of_record
from ui.running.machine import load_image_model
from ui.running.machine_resources import job_manager

CODE = "named_by_a_file"
_MODULE = """
from pathlib import Path
Path({mark!r}).write_text("ran")
def network(*arguments, **options):
    raise SystemExit("ran")
"""
NAMES = (
    f"{CODE}:network", f"{CODE}:network+bfloat16", f"{CODE}:network+denoised", "net.json", "./net.json", "net.JSON",
    "net.safetensors", "../net.json", "os:abort", "sys:exit", "torchvision:resnet18", f"own:{CODE}:network",
)  # fmt: skip


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is there only if the code that a file names was run."""
    mark = tmp_path / "ran"
    (tmp_path / f"{CODE}.py").write_text(_MODULE.format(mark=str(mark)))
    (tmp_path / "net.json").write_text(f'{{"network": "{CODE}:network", "class_names": ["a", "b"]}}')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, CODE, raising=False)
    return mark


def test_the_trap_works(ran: Path):
    with pytest.raises((SystemExit, InputError)):
        load_image_model(f"{CODE}:network")
    assert ran.exists()


@pytest.mark.parametrize("kind", ["image", "graph"])
def test_an_attack_loads_nothing_at_the_word_of_a_file(
    kind: str, ran: Path, surface: Callable[[str], Tally], capsys: pytest.CaptureFixture[str]
):
    toy = toy_certificate() if kind == "image" else toy_graph_certificate()
    budget = ["--eps", "0.1"] if kind == "image" else ["--additions", "1"]
    facts = [{"model": name} for name in NAMES]
    facts += [
        {"model": "citeseer-gcn", "title": name} for name in ("/etc/passwd", "net.npz", "../g.graphml")
    ] * (kind == "graph")

    def attack(told: dict[str, str]) -> None:
        replace(toy, provenance={**toy.provenance, **told}).save("hostile.nc")
        assert main(["attack", "hostile.nc", *budget]) == 2
        said = capsys.readouterr().err
        assert "give --" in said or "--model" in said
        raise InputError(said.strip().splitlines()[-1])

    tally = surface("names of models and graphs in certificates")
    tally.try_all([(str(told), lambda told=told: attack(told)) for told in facts])
    assert tally.accepted == 0
    assert not ran.exists()


def test_the_pages_know_only_what_is_on_offer(ran: Path):
    image, graph = toy_certificate(), toy_graph_certificate()
    for name in NAMES:
        told = {"model": name}
        assert attack_model(replace(image, provenance=told)) is None
        assert graph_attack_model(replace(graph, provenance=told)) is None
        with pytest.raises(InputError, match="is not on offer here"):
            load_of_record(name, image.settings)
    assert not ran.exists()


def test_a_comparison_certifies_no_rival_with_code_that_a_file_names(
    gallery: Path, tmp_path: Path, ran: Path, monkeypatch: pytest.MonkeyPatch
):
    for module in ("ui.library.opened", "ui.running.page_job"):
        monkeypatch.setattr(f"{module}.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    toy = toy_certificate()
    replace(toy, provenance={**toy.provenance, "model": NAMES[0]}).save(folder / "hostile.nc")
    page = open_page("compare", pick=["own:hostile"])
    assert not any(button.key == "add_rival" for button in page.button)
    assert any("is not on offer here" in error.value for error in page.error)
    assert not any(job.state is JobState.RUNNING for job in job_manager().snapshots("me"))
    assert not ran.exists()
