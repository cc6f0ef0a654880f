"""The command line as a user meets it: exit codes, one line per error, files that verify."""

import sys
import types

import numpy as np
import pytest

import lrscore
from lrscore.catalogue import LoadedImage
from lrscore.cli.main import main
from lrscore.errors import InputError
from tests.lrscore.linear import Brightness, ramp


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    """A catalogue of our own: one image, one model."""
    module = types.ModuleType("tests_catalogue")

    def load_image(source, size):
        if source != "ramp":
            raise InputError(f"no picture at {source}")
        reference = np.zeros((12, 20), dtype=np.int64)
        return LoadedImage("ramp", ramp(), reference, "left as it is", module.names)

    module.load_image = load_image
    module.names = ("dark", "bright")
    module.load_image_model = lambda name: Brightness()
    module.load_reference = lambda source, size: np.ones(size, dtype=np.int64)
    monkeypatch.setitem(sys.modules, "tests_catalogue", module)
    monkeypatch.setenv("LRS_CATALOGUE", "tests_catalogue")
    return module


def certify(tmp_path, *options):
    arguments = ["certify", "image", "ramp", "--grid", "2x3", "--samples", "300", "--pilot-samples", "20"]
    return main([*arguments, "--out", str(tmp_path / "c.nc"), *options])


def test_certify_writes_a_file_that_verifies_and_shows(tmp_path, capsys):
    assert certify(tmp_path, "--levels", "0.1:0.2", "--seed", "3", "--alpha", "0.05") == 0
    assert main(["verify", str(tmp_path / "c.nc")]) == 0
    assert main(["show", str(tmp_path / "c.nc")]) == 0
    out = capsys.readouterr().out
    assert "alpha = 0.05" in out
    assert "verifies" in out
    assert "envelope" in out
    certificate = lrscore.load_certificate(tmp_path / "c.nc")
    assert certificate.settings.level_max == 0.2
    assert certificate.provenance["title"] == "ramp"
    assert certificate.provenance["seed"] == "3"


def test_a_reference_of_other_classes_is_not_attached_and_said(tmp_path, capsys, catalogue):
    assert certify(tmp_path) == 0
    assert "pixel accuracy" in capsys.readouterr().out
    catalogue.names = ("cat", "dog")
    assert certify(tmp_path) == 0
    out = capsys.readouterr().out
    assert "The model's classes are not those of the picture's reference labels" in out
    assert "pixel accuracy" not in out
    assert lrscore.load_certificate(tmp_path / "c.nc").reference is None
    catalogue.names = ("bright", "dark")
    assert certify(tmp_path) == 0
    assert (lrscore.load_certificate(tmp_path / "c.nc").reference == 1).all()


def test_a_mask_with_numbers_the_model_does_not_have_is_refused(tmp_path, capsys, catalogue):
    catalogue.load_reference = lambda source, size: np.full(size, 7)
    assert certify(tmp_path, "--reference", "mask.png") == 2
    assert "reference labels must be classes 0 to 1 or 255 for void, got 7" in capsys.readouterr().err
    assert not (tmp_path / "c.nc").exists()


def test_same_seed_same_counts(tmp_path):
    counts = []
    for _ in range(2):
        certify(tmp_path, "--seed", "1")
        counts.append(lrscore.load_certificate(tmp_path / "c.nc").agreements)
    np.testing.assert_array_equal(*counts)


def test_level_matrix_from_a_file_and_a_reference_mask(tmp_path):
    levels = np.full((6, 6), 0.25)
    levels[0, 5] = np.inf
    np.savetxt(tmp_path / "levels.csv", levels, delimiter=",")
    assert certify(tmp_path, "--level-matrix", str(tmp_path / "levels.csv"), "--reference", "mask.png") == 0
    certificate = lrscore.load_certificate(tmp_path / "c.nc")
    np.testing.assert_array_equal(certificate.noise_levels, levels)
    assert (certificate.reference == 1).all()


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "laplace"])
@pytest.mark.parametrize("correction", ["anytime", "count-level"])
def test_every_noise_and_correction_runs(tmp_path, noise, correction):
    extra = ["--tolerated", "5"] if correction == "count-level" else []
    assert certify(tmp_path, "--noise", noise, "--correction", correction, *extra) == 0
    assert main(["verify", str(tmp_path / "c.nc")]) == 0


def test_adaptive_sampling_says_what_it_saved(tmp_path, capsys):
    options = ["--correction", "anytime", "--focus", "0.05", "--tolerance", "0.2"]
    assert certify(tmp_path, *options) == 0
    assert "planned noisy copies were not needed" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "c.nc")]) == 0


def test_a_certificate_that_does_not_hold_exits_with_1(tmp_path, capsys):
    assert certify(tmp_path, "--correction", "paper-holm") == 0
    assert main(["verify", str(tmp_path / "c.nc")]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("does not verify: ")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--levels=-0.1:0.3"], "level_min"),
        (["--levels", "much"], "levels"),
        (["--level-matrix", "nowhere.csv"], "level-matrix: there is no file nowhere.csv"),
        (["--grid", "3by5"], "3by5"),
        (["--grid", "100x5"], "larger than the image"),
        (["--alpha", "0"], "alpha"),
        (["--samples", "0"], "samples"),
        (["--samples", "many"], "many"),
        (["--noise", "salt"], "noise"),
        (["--method", "guess"], "method"),
        (["--correction", "hope"], "correction"),
        (["--device", "abacus"], "abacus"),
        (["--seed", "-1"], "seed"),
        (["--size", "small"], "size"),
        (["--out", "/no/such/folder/c.nc"], "cannot write"),
        (["--bogus"], "bogus"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(tmp_path, capsys, options, text):
    try:
        code = certify(tmp_path, *options)
    except SystemExit as stop:
        code = stop.code
    captured = capsys.readouterr()
    assert code == 2
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert text in captured.err
    assert not (tmp_path / "c.nc").exists()


def test_unknown_image_and_missing_catalogue(tmp_path, capsys, monkeypatch):
    assert main(["certify", "image", "nowhere.png", "--out", str(tmp_path / "c.nc")]) == 2
    assert "no picture at nowhere.png" in capsys.readouterr().err
    monkeypatch.setenv("LRS_CATALOGUE", "no_such_module")
    assert main(["certify", "image", "ramp", "--out", str(tmp_path / "c.nc")]) == 2
    assert "no_such_module" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "show"])
def test_unreadable_files_exit_with_2(tmp_path, capsys, command):
    (tmp_path / "c.nc").write_text("no certificate")
    for name in ("c.nc", "missing.nc"):
        assert main([command, str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


class TwoBrightness(Brightness):
    """Reads the near view."""

    def two_views(self, near, far, regions):
        return self(near)


def test_two_views_take_the_model_that_is_built_for_them(tmp_path, capsys, catalogue):
    asked = []
    catalogue.load_image_model = lambda name: asked.append(name) or TwoBrightness()
    assert certify(tmp_path, "--two-views", "--levels", "0.1:0.6") == 0
    assert certify(tmp_path) == 0
    assert certify(tmp_path, "--two-views", "--model", "other") == 0
    assert asked == ["street-two-view", "street-unet", "other"]
    certificate = lrscore.load_certificate(tmp_path / "c.nc")
    assert certificate.settings.two_views
    assert main(["verify", str(tmp_path / "c.nc")]) == 0
    catalogue.load_image_model = lambda name: Brightness()
    assert certify(tmp_path, "--two-views") == 2
    assert certify(tmp_path, "--two-views", "--noise", "laplace") == 2
    error = capsys.readouterr().err
    assert "this model reads one" in error
    assert "need gaussian noise" in error
