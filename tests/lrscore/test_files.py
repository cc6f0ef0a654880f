"""Files: round trip, atomic writes, broken files; and verification, which must refuse every tampered claim."""

import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import lrscore
from lrscore.collective import certify_collectively
from lrscore.errors import CertificateError, CertificateFileError
from lrscore.records import read_heading, read_record, write_record
from lrscore.verify import verify_file
from tests.lrscore.linear import certificate_of_counts


def sample_certificate(correction="bonferroni", **settings):
    rng = np.random.default_rng(0)
    samples = 640
    counts = rng.integers(300, samples + 1, (6, 8))
    return certificate_of_counts(counts, samples=samples, correction=correction, **settings)


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "a.nc"
    sample_certificate().save(path)
    return path


def test_round_trip_keeps_everything(tmp_path):
    certificate = dataclasses.replace(
        sample_certificate(levels=np.array([[0.1, 0.2, 0.3, np.inf]] * 4)),
        class_names=("off", "on"),
        provenance={"model": "none"},
        reference=np.full((6, 8), 255),
    )
    certificate.save(tmp_path / "c.nc")
    loaded = lrscore.load_certificate(tmp_path / "c.nc")
    for name in (
        "image",
        "labels",
        "pilot_votes",
        "agreements",
        "trials",
        "reference",
        "thresholds",
        "weights",
    ):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(certificate, name))
    assert (loaded.settings, loaded.class_names, loaded.provenance) == (
        certificate.settings,
        certificate.class_names,
        certificate.provenance,
    )
    assert loaded.curves[0].method == "envelope"
    verify_file(tmp_path / "c.nc")


def test_images_off_the_8_bit_lattice_are_kept_exactly(tmp_path):
    certificate = dataclasses.replace(
        sample_certificate(), image=np.random.default_rng(0).random((3, 6, 8), dtype=np.float32)
    )
    certificate.save(tmp_path / "c.nc")
    np.testing.assert_array_equal(lrscore.load_certificate(tmp_path / "c.nc").image, certificate.image)


def test_xarray_opens_the_file(stored):
    with xr.open_dataset(stored, engine="h5netcdf") as root:
        assert {"labels", "pilot_votes", "thresholds", "groups", "weights"} <= set(root.data_vars)
        assert root["thresholds"].dims == ("y", "x")
        assert json.loads(root.attrs["settings"])["alpha"] == 0.01


def test_a_failed_write_leaves_the_old_file_and_no_litter(stored, monkeypatch):
    before = stored.read_bytes()

    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(CertificateFileError, match=r"cannot write .*No space left"):
        sample_certificate().save(stored)
    assert stored.read_bytes() == before
    assert [file.name for file in stored.parent.iterdir()] == ["a.nc"]


def test_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(CertificateFileError, match="cannot write"):
        sample_certificate().save(tmp_path / "no" / "c.nc")


@pytest.mark.parametrize("keep", [0, 10, 1000, -1, -200])
def test_truncated_files_are_refused(stored, keep):
    stored.write_bytes(stored.read_bytes()[:keep])
    with pytest.raises(CertificateFileError, match=r"a\.nc"):
        lrscore.load_certificate(stored)


def test_other_files_are_refused(tmp_path):
    text = tmp_path / "text.nc"
    text.write_text("no certificate")
    xr.Dataset({"a": ("x", [1, 2])}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    for name, complaint in {
        "text.nc": "cannot be read",
        "other.nc": "not a certificate file",
        "none.nc": "no certificate file",
    }.items():
        with pytest.raises(CertificateFileError, match=complaint):
            lrscore.load_certificate(tmp_path / name)


def test_the_heading_is_what_the_whole_file_says(stored):
    whole, heading = read_record(stored), read_heading(stored, ("image",))
    assert (heading.kind, heading.texts) == (whole.kind, whole.texts)
    np.testing.assert_array_equal(heading.arrays["image"], whole.arrays["image"])
    assert (list(heading.arrays), heading.curves) == (["image"], {})
    assert not read_heading(stored, ("reference",)).arrays


@pytest.mark.parametrize("keep", [0, 10, 1000])
def test_the_heading_of_a_truncated_file_is_refused(stored, keep):
    stored.write_bytes(stored.read_bytes()[:keep])
    with pytest.raises(CertificateFileError, match=r"a\.nc"):
        read_heading(stored)
    with pytest.raises(CertificateFileError, match="no certificate file"):
        read_heading(stored.with_name("none.nc"))


def test_the_heading_of_another_format_is_refused(tmp_path):
    xr.Dataset({"a": ("x", [1, 2])}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    with pytest.raises(CertificateFileError, match="not a certificate file"):
        read_heading(tmp_path / "other.nc")


def tampered(path, *, arrays=None, texts=None, curve=None, kind=None):
    """The stored file with some of its parts exchanged."""
    record = read_record(path)
    name = next(iter(record.curves))
    changed = dataclasses.replace(
        record,
        kind=kind or record.kind,
        arrays={**record.arrays, **(arrays or {})},
        texts={**record.texts, **(texts or {})},
        curves={name: {**record.curves[name], **(curve or {})}},
    )
    write_record(changed, path)


def changed_settings(path, **change):
    return json.dumps({**json.loads(read_record(path).texts["settings"]), **change})


def curve_of(record):
    return next(iter(record.curves.values()))


CLAIMS = {
    "probability": lambda r: {"arrays": {"probabilities": r.arrays["probabilities"] + 1e-6}},
    "threshold": lambda r: {"arrays": {"thresholds": r.arrays["thresholds"] * 1.001}},
    "threshold by a hair": lambda r: {"arrays": {"thresholds": r.arrays["thresholds"] * (1 + 1e-11)}},
    "caps": lambda r: {"curve": {"proof_caps": np.zeros_like(curve_of(r)["proof_caps"])}},
    "whole units": lambda r: {"curve": {"proof_integer": np.asarray(True)}},
    "look": lambda r: {"texts": {"look": "2"}},
    "threshold of an abstaining pixel": lambda r: {
        "arrays": {"thresholds": np.maximum(r.arrays["thresholds"], 1e-3)}
    },
    "threshold not a number": lambda r: {"arrays": {"thresholds": r.arrays["thresholds"] * np.nan}},
    "weight": lambda r: {"arrays": {"weights": r.arrays["weights"] * 0.999}},
    "noise level": lambda r: {"arrays": {"noise_levels": r.arrays["noise_levels"] * 1.5}},
    "groups": lambda r: {"arrays": {"groups": r.arrays["groups"][::-1].copy()}},
    "certified": lambda r: {"curve": {"certified": curve_of(r)["certified"] + 1}},
    "budgets": lambda r: {"curve": {"budgets": curve_of(r)["budgets"] * 1.2}},
    "ceiling": lambda r: {"curve": {"ceiling": curve_of(r)["ceiling"] - 1}},
    "guarantee": lambda r: {"texts": {"guarantee": "Everything is safe."}},
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_tampered_claims_do_not_verify(stored, claim):
    verify_file(stored)
    tampered(stored, **CLAIMS[claim](read_record(stored)))
    with pytest.raises(CertificateError):
        verify_file(stored)


COUNTS = {
    "labels": lambda r: {"arrays": {"labels": 1 - r.arrays["labels"]}},
    "more agreements than samples": lambda r: {
        "arrays": {"agreements": r.arrays["agreements"].astype(int) + 999}
    },
    "negative trials": lambda r: {"arrays": {"trials": -r.arrays["trials"]}},
    "pilot votes": lambda r: {"arrays": {"pilot_votes": r.arrays["pilot_votes"] * 2}},
    "kind": lambda r: {"kind": "sound"},
    "settings": lambda r: {"texts": {"settings": "{"}},
    "unknown setting": lambda r: {"texts": {"settings": '{"speed": 3}'}},
    "code": lambda r: {"texts": {"settings": "__import__('os').system('true')"}},
    "proof": lambda r: {"curve": {"method": np.asarray(99)}},
}


@pytest.mark.parametrize("damage", COUNTS)
def test_inconsistent_files_are_refused_on_loading(stored, damage):
    tampered(stored, **COUNTS[damage](read_record(stored)))
    with pytest.raises(CertificateFileError):
        lrscore.load_certificate(stored)


def test_a_smaller_alpha_in_the_settings_does_not_verify(stored):
    tampered(stored, texts={"settings": changed_settings(stored, alpha=0.001)})
    with pytest.raises(CertificateError, match="confidence plan"):
        verify_file(stored)


@pytest.mark.parametrize("correction", ["weighted-bonferroni", "count-level", "anytime", "mixture"])
def test_every_valid_correction_verifies_and_paper_holm_does_not(tmp_path, correction):
    extra = {"tolerated": 4} if correction == "count-level" else {}
    sample_certificate(correction, **extra).save(tmp_path / "c.nc")
    verify_file(tmp_path / "c.nc")
    record = sample_certificate("paper-holm").to_record()
    write_record(record, tmp_path / "p.nc")
    with pytest.raises(CertificateError, match="paper-holm"):
        verify_file(tmp_path / "p.nc")


def test_a_count_level_curve_without_its_subtraction_does_not_verify(tmp_path):
    certificate = sample_certificate("count-level", tolerated=4)
    raw = certify_collectively(certificate.weights, certificate.thresholds, certificate.groups, [0.0, 0.001])
    assert raw.certified[0] > 0
    dataclasses.replace(certificate, curves=(raw,)).save(tmp_path / "c.nc")
    with pytest.raises(CertificateError, match="curve 0-envelope"):
        verify_file(tmp_path / "c.nc")


def test_arrays_cut_short_are_one_sentence(stored):
    tampered(stored, arrays={"thresholds": read_record(stored).arrays["thresholds"][:1]})
    with pytest.raises((CertificateError, CertificateFileError)):
        verify_file(stored)


def test_fewer_samples_than_planned_do_not_verify(tmp_path):
    """Stopping when it looks good is not what a fixed number of samples pays for."""
    certificate = sample_certificate()
    early = dataclasses.replace(
        certificate, trials=certificate.trials - 1, agreements=certificate.agreements // 2
    )
    early.save(tmp_path / "c.nc")
    with pytest.raises(CertificateError, match="639"):
        verify_file(tmp_path / "c.nc")


def test_verification_needs_no_torch(stored):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from lrscore.verify import verify_file\n"
        f"verify_file({str(stored)!r})\n"
        "import lrscore; lrscore.load_certificate(sys.argv[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(stored)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
