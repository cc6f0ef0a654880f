"""Every certificate in the tree makes a promise that `verify` recognises, in whichever words it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrscore.checks import check_plan
from lrscore.files import certificate_of
from lrscore.records import read_record

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "models").rglob("*.nc"))


def test_there_are_some():
    assert len(FILES) > 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_plan_and_guarantee_of_every_bundled_certificate_hold(path: Path):
    record = read_record(path)
    certificate = certificate_of(record, path)
    assert certificate.promised
    assert check_plan(record, certificate)
