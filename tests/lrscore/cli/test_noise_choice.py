"""`locality` and `propose` as a user meets them: what is printed, what is written, what is refused."""

from __future__ import annotations

import json
import sys
import types

import numpy as np
import pytest

from lrscore import ImageSettings, certify_image, load_certificate, propose_levels
from lrscore.catalogue import LoadedImage
from lrscore.cli.main import main
from lrscore.cli.matrices import read_matrix
from lrscore.errors import InputError
from lrscore.images.tuning.proposal import Example, ProposalSettings
from tests.lrscore.linear import Brightness, ramp, seeded

LABELS = (ramp()[0] > 0.5).astype(np.int64)
NAMES = ("dark", "bright")
PICTURES = {
    "ramp": LoadedImage("ramp", ramp(), LABELS, class_names=NAMES),
    "photo": LoadedImage("photo", ramp()),
    "pets": LoadedImage("pets", ramp(), LABELS, class_names=("cat", "dog")),
}


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    module = types.ModuleType("tests_catalogue")

    def load_image(source, size):
        if source not in PICTURES:
            raise InputError(f"no picture at {source}")
        return PICTURES[source]

    module.load_image = load_image
    module.load_image_model = lambda name: Brightness()
    monkeypatch.setitem(sys.modules, "tests_catalogue", module)
    monkeypatch.setenv("LRS_CATALOGUE", "tests_catalogue")
    return module


def locality(*options):
    return main(["locality", "ramp", "--grid", "1x4", *options])


def propose(*options, sources=("ramp",)):
    search = ["--evaluations", "9", "--votes", "4", "--samples", "200", "--levels", "0.1:0.1"]
    return main(["propose", *sources, "--grid", "1x2", *search, *options])


@pytest.mark.parametrize("gradient", [[], ["--gradient"]])
def test_locality_prints_and_writes_the_matrix(tmp_path, capsys, gradient):
    """A model that looks at single pixels: nothing beside the diagonal."""
    assert locality(*gradient, "--out", str(tmp_path / "m.csv")) == 0
    influence = read_matrix(tmp_path / "m.csv", "out")
    assert influence.shape == (4, 4)
    assert (influence[~np.eye(4, dtype=bool)] == 0).all()
    assert influence.max() > 0
    out = capsys.readouterr().out
    assert "mean influence" in out
    assert "per cent of the largest influence" in out


def test_locality_becomes_levels_that_certify_takes(tmp_path):
    levels = tmp_path / "levels.json"
    assert locality("--noise-level", "0.5", "--levels", "0.1:0.4", "--levels-out", str(levels)) == 0
    stored = json.loads(levels.read_text())
    assert stored["source"] == "ramp"
    assert stored["grid"] == [1, 4]
    arguments = ["certify", "image", "photo", "--grid", "1x4", "--samples", "50", "--pilot-samples", "10"]
    assert main([*arguments, "--level-matrix", str(levels), "--out", str(tmp_path / "c.nc")]) == 0
    np.testing.assert_array_equal(
        load_certificate(tmp_path / "c.nc").noise_levels, read_matrix(levels, "levels-out")
    )


def test_proposed_levels_are_those_of_the_library_and_certify_takes_them(tmp_path, capsys):
    levels = tmp_path / "levels.npy"
    assert propose("--limits", "0.05:1.5", "--seed", "3", "--out", str(levels)) == 0
    out = capsys.readouterr().out
    assert "no guarantee rests on it" in out
    assert "before" in out
    assert "after" in out
    settings = ImageSettings(grid=(1, 2), samples=200, level_min=0.1, level_max=0.1)
    search = ProposalSettings(evaluations=9, votes=4, limits=(0.05, 1.5), seed=3)
    expected = propose_levels(Brightness(), [Example(ramp(), LABELS)], settings, search)
    np.testing.assert_array_equal(np.load(levels), np.array(expected.after.levels))
    assert expected.after.radius > expected.before.radius
    matrix = tuple(map(tuple, np.load(levels).tolist()))
    assert (
        certify_image(
            Brightness(), ramp(), ImageSettings(grid=(1, 2), levels=matrix, samples=50), generator=seeded()
        ).radii.max()
        > 0
    )


def test_json_keeps_before_and_after(tmp_path):
    assert propose("--accuracy", "miou", "--profile-only", "--out", str(tmp_path / "l.json")) == 0
    stored = json.loads((tmp_path / "l.json").read_text())
    assert stored["levels"] == stored["after"]["levels"]
    assert stored["before"]["levels"] == [[0.1, 0.1], [0.1, 0.1]]
    assert stored["pictures"] == ["ramp"]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda out: propose("--out", out, sources=("ramp", "photo")), "photo has no reference labels"),
        (lambda out: propose("--out", out, sources=("pets",)), "pets is labelled with other classes"),
        (lambda out: propose("--out", out, sources=("nowhere",)), "no picture at nowhere"),
        (lambda out: propose("--out", out, "--votes", "0"), "votes must be"),
        (lambda out: propose("--out", out, "--evaluations", "0"), "evaluations must be"),
        (lambda out: propose("--out", out, "--limits", "2:1"), "limits must be"),
        (lambda out: propose("--out", out + ".txt"), "must end in .csv, .npy, .json"),
        (lambda out: locality("--out", out + ".txt"), "must end in .csv, .npy, .json"),
        (lambda out: locality("--out", out, "--draws", "0"), "draws must be"),
        (lambda out: locality("--out", out, "--noise-level", "-1"), "level must be"),
        (lambda out: locality("--out", out, "--levels", "0.1:0.3"), "levels and levels-out belong together"),
        (lambda out: locality("--out", out, "--device", "abacus"), "abacus"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(tmp_path, capsys, call, text):
    assert call(str(tmp_path / "x.csv")) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert text in error
    assert not list(tmp_path.iterdir())


def test_an_interrupt_leaves_nothing_behind(tmp_path, capsys, catalogue):
    calls = []

    class Impatient(Brightness):
        def __call__(self, batch):
            calls.append(len(batch))
            if len(calls) == 3:
                raise KeyboardInterrupt
            return super().__call__(batch)

    catalogue.load_image_model = lambda name: Impatient()
    for command in (propose, locality):
        calls.clear()
        assert command("--out", str(tmp_path / "x.csv")) == 2
        assert capsys.readouterr().err.splitlines()[-1] == "cancelled; nothing was written"
    assert not list(tmp_path.iterdir())
