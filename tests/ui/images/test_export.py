"""Downloads: readable, complete, and a command that really makes the same certificate."""

from __future__ import annotations

import csv
import io
import shlex
from dataclasses import replace

import numpy as np
from PIL import Image

from lrscore import ImageSettings
from lrscore.cli.main import build_parser
from lrscore.cli.matrices import read_matrix
from lrscore.files import load_certificate
from tests.ui.toy import toy_certificate
from ui.certification.export import certificate_bytes, file_stem
from ui.images.curves import compute_curves
from ui.images.export import Exported, command_files, reproduce_command
from ui.style.theme import LIGHT


def exported(**changes: object) -> Exported:
    certificate = toy_certificate()
    certificate = replace(certificate, settings=replace(certificate.settings, **changes))
    return Exported(
        certificate, compute_curves(certificate, "correct"), 50, "correct", LIGHT, "My Street.png"
    )


def test_files_have_speaking_names():
    screen = exported()
    assert screen.stem == "my-street.png_2x3_gaussian-0.1-to-0.3_128-samples"
    assert screen.place == f"eps-{screen.epsilon_text}_correct-pixels"
    assert file_stem("../..", "a/b\\c", "", " Ünï 0.5 ") == "a-b-c_ünï-0.5"
    assert file_stem("", "..") == "certificate"


def test_edited_levels_come_with_the_command(tmp_path):
    levels = tuple(tuple(0.1 + 0.01 * (row + column) for column in range(6)) for row in range(6))
    (name, content), *more = command_files(exported(levels=levels).certificate.settings).items()
    assert not more
    assert name in reproduce_command(exported(levels=levels).certificate)
    path = tmp_path / name
    path.write_text(content)
    assert np.array_equal(read_matrix(path, "level-matrix"), np.array(levels))
    assert command_files(exported().certificate.settings) == {}


def test_the_command_rounds_nothing():
    """Levels, alpha and budgets of any digits come back to the bit: others would give other counts."""
    settings = ImageSettings(
        grid=(2, 3),
        level_min=0.12345678912345,
        level_max=1 / 3,
        alpha=0.0123456789,
        correction="anytime",
        focus=(0.1234567890123, 1e-7),
        tolerance=1 / 7000,
    )
    words = shlex.split(reproduce_command(replace(toy_certificate(), settings=settings)), comments=True)
    options = build_parser().parse_args(words[3:])
    assert options.alpha == settings.alpha
    assert tuple(options.focus) == settings.focus
    assert options.tolerance == settings.tolerance
    assert options.levels == (settings.level_min, settings.level_max)


def test_the_csv_holds_every_budget():
    curves = compute_curves(toy_certificate(), "correct")
    rows = list(csv.DictReader(io.StringIO(exported().curve_csv())))
    assert len(rows) == len(curves.epsilons)
    assert [float(row["epsilon"]) for row in rows] == curves.epsilons.tolist()
    for name in ("naive", "paper", "envelope", "ceiling"):
        assert [int(row[name]) for row in rows] == getattr(curves, name).tolist()
    assert {row["outputs"] for row in rows} == {str(curves.outputs)}


def test_the_overlay_is_a_picture():
    picture = Image.open(io.BytesIO(exported().overlay_png(factor=4)))
    assert picture.size == (80 * 4, 60 * 4)
    assert len(picture.getcolors(1 << 20)) > 100


def test_the_certificate_file_reads_back(tmp_path):
    certificate = toy_certificate()
    path = tmp_path / "toy.nc"
    path.write_bytes(certificate_bytes(certificate))
    again = load_certificate(path)
    assert np.array_equal(again.agreements, certificate.agreements)
    assert again.settings == certificate.settings


def test_the_command_parses_to_the_same_settings():
    certificate = toy_certificate()
    settings = replace(
        certificate.settings,
        level_min=0.12,
        mask_distance=2,
        interpolation="variance",
        per_group=True,
        correction="count-level",
        tolerated=4,
        alpha=0.05,
        runner_up=True,
        hierarchy=True,
    )
    provenance = {"title": "my street.png", "model": "street-unet", "seed": "17", "batch_size": "32"}
    words = shlex.split(reproduce_command(replace(certificate, settings=settings, provenance=provenance)))
    assert words[:4] == ["python", "-m", "lrscore", "certify"]
    options = build_parser().parse_args(words[3:])
    assert (options.source, options.seed, options.batch_size) == ("my street.png", 17, 32)
    assert (tuple(options.grid), options.levels) == ((2, 3), (0.12, 0.3))
    views = replace(certificate.settings, two_views=True)
    words = shlex.split(reproduce_command(replace(certificate, settings=views)))
    assert build_parser().parse_args(words[3:]).two_views
    for name in (
        "mask_distance",
        "interpolation",
        "per_group",
        "correction",
        "tolerated",
        "alpha",
        "samples",
        "runner_up",
        "hierarchy",
    ):
        assert getattr(options, name) == getattr(settings, name)
    assert options.pilot_samples == settings.pilot_samples
