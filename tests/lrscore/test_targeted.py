"""Certificates of any mask of outputs, stored and verified; a file that claims too much for its mask is found out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import lrscore
from lrscore import ImageSettings, certify_image
from lrscore.collective import certify_collectively
from lrscore.errors import CertificateError, CertificateFileError, InputError
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file

SETTINGS = ImageSettings(grid=(2, 2), samples=60, pilot_samples=10, level_min=0.1, level_max=0.2)


@pytest.fixture(scope="module")
def certificate():
    image = torch.rand(1, 16, 16, generator=torch.Generator().manual_seed(3))

    def model(batch: torch.Tensor) -> torch.Tensor:
        return torch.cat([0.5 - batch, batch - 0.5], dim=1)

    return certify_image(model, image, SETTINGS, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def mask() -> np.ndarray:
    return np.random.default_rng(0).random((16, 16)) < 0.3


def test_a_stored_mask_counts_its_outputs_only(certificate, mask, tmp_path):
    certificate.with_targets("faces", mask).save(tmp_path / "c.nc")
    checks = verify_file(tmp_path / "c.nc")
    assert any(
        "targets-faces" in check.subject and f"{mask.sum()} outputs" in check.detail for check in checks
    )
    (stored,) = lrscore.load_certificate(tmp_path / "c.nc").targeted
    assert stored.name == "faces"
    np.testing.assert_array_equal(stored.targets, mask.ravel())
    alone = certify_collectively(
        certificate.weights,
        certificate.thresholds[mask.ravel()],
        certificate.groups[mask.ravel()],
        stored.curve.budgets,
    )
    np.testing.assert_array_equal(stored.curve.certified, alone.certified)
    assert 0 < stored.curve.certified[0] < mask.sum() + 1


def test_a_later_mask_of_one_name_replaces_the_earlier(certificate, mask):
    twice = certificate.with_targets("a", mask).with_targets("a", ~mask, method="naive")
    assert [(one.name, one.curve.method) for one in twice.targeted] == [("a", "naive")]


def test_a_smaller_mask_under_the_same_claim_does_not_verify(certificate, mask, tmp_path):
    certificate.with_targets("faces", mask).save(tmp_path / "c.nc")
    record = read_record(tmp_path / "c.nc")
    name = next(name for name in record.curves if name.startswith("targets-"))
    fewer = record.curves[name]["targets"].copy()
    fewer[np.flatnonzero(fewer)[:5]] = 0
    changed = replace(record, curves={**record.curves, name: {**record.curves[name], "targets": fewer}})
    write_record(changed, tmp_path / "changed.nc")
    with pytest.raises(CertificateError, match="targets-faces"):
        verify_file(tmp_path / "changed.nc")


@pytest.mark.parametrize("wrong", [None, np.full(256, 2, dtype=np.uint8), np.ones(5, dtype=np.uint8)])
def test_a_mask_that_is_none_is_a_bad_file(certificate, mask, tmp_path, wrong):
    certificate.with_targets("faces", mask).save(tmp_path / "c.nc")
    record = read_record(tmp_path / "c.nc")
    name = next(name for name in record.curves if name.startswith("targets-"))
    arrays = {key: value for key, value in record.curves[name].items() if key != "targets"}
    arrays |= {} if wrong is None else {"targets": wrong}
    write_record(replace(record, curves={**record.curves, name: arrays}), tmp_path / "bad.nc")
    with pytest.raises(CertificateFileError):
        verify_file(tmp_path / "bad.nc")


@pytest.mark.parametrize(
    ("name", "targets"), [("a b", np.ones(256)), ("a", np.ones(3)), ("a", np.full(256, 0.5))]
)
def test_names_and_masks_are_checked(certificate, name, targets):
    with pytest.raises(InputError):
        certificate.with_targets(name, targets)


def test_agreement_is_stored_with_the_labels_without_noise(certificate, tmp_path):
    expected = (certificate.image[0] > 0.5).astype(int)
    np.testing.assert_array_equal(certificate.unsmoothed, expected)
    assert certificate.agreement == (certificate.labels == expected).mean()
    certificate.save(tmp_path / "c.nc")
    assert lrscore.load_certificate(tmp_path / "c.nc").agreement == certificate.agreement
    assert replace(certificate, unsmoothed=None).agreement is None
