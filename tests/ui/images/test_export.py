"""Downloads: readable, complete, and a command that really makes the same certificate."""

from __future__ import annotations

import csv
import io
import shlex
from dataclasses import replace

import numpy as np
from PIL import Image

from lrscore.cli.main import build_parser
from lrscore.files import load_certificate
from tests.ui.toy import toy_certificate
from ui.certification.export import certificate_bytes
from ui.images.curves import compute_curves
from ui.images.export import curve_csv, overlay_png, reproduce_command
from ui.images.states import pixel_states


def test_the_csv_holds_every_budget():
    curves = compute_curves(toy_certificate(), "correct")
    rows = list(csv.DictReader(io.StringIO(curve_csv(curves))))
    assert len(rows) == len(curves.epsilons)
    assert [float(row["epsilon"]) for row in rows] == curves.epsilons.tolist()
    for name in ("naive", "paper", "envelope", "ceiling"):
        assert [int(row[name]) for row in rows] == getattr(curves, name).tolist()
    assert {row["outputs"] for row in rows} == {str(curves.outputs)}


def test_the_overlay_is_a_picture():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "correct")
    states = pixel_states(certificate, float(curves.epsilons[50]), curves.allocation[50], "correct")
    picture = Image.open(io.BytesIO(overlay_png(certificate, states, factor=4)))
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
    ):
        assert getattr(options, name) == getattr(settings, name)
    assert options.pilot_samples == settings.pilot_samples
