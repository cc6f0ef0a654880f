"""The newer variables of certificates (trees, bounds on rivals, views, flips of edges), forged by strangers:
whatever is read after that is shown, verified and counted at any budget like any other file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from lrscore import CertificateFileError, load_certificate
from lrscore.images.certificate import ImageCertificate
from tests.hostile.certificates import edited
from tests.hostile.fields import KINDS, forged, genuine_file
from tests.hostile.surface import Tally
from tests.hostile.test_certificates import _read_and_show
from ui.browse.summary import summarise
from ui.graphs.plane import compute_plane
from ui.images.curves import compute_curves
from ui.library.entries import Entry

HUGE = (0.0, 1e-300, 1.0, 1e15, 1e300)


@pytest.mark.parametrize("kind", KINDS)
def test_any_variable_may_lie(kind: str, tmp_path: Path, surface: Callable[[str], Tally]):
    content = genuine_file(kind, tmp_path)
    path = tmp_path / "hostile.nc"
    path.write_bytes(content)
    _use(path)
    rng = np.random.default_rng([20, KINDS.index(kind)])
    tally = surface(f"forged fields: {kind}")
    for number, (what, changed) in enumerate(forged(content, rng, 24)):
        path.write_bytes(changed)
        tally.attempt(f"{number} {what}", lambda: _use(path))
    assert not tally.bad, "\n".join(tally.bad)
    assert tally.refused > 16


def _use(path: Path) -> None:
    """What commands and pages do with a file; a card is drawn whatever is in it."""
    summary = summarise(Entry("own", path, path.stat().st_mtime_ns))
    assert "\x1b" not in f"{summary.title}{summary.settings}{summary.problem}"
    _read_and_show(path)
    certificate = load_certificate(path)
    if isinstance(certificate, ImageCertificate):
        compute_curves(certificate, "all")
        budgets = np.array(HUGE)
    else:
        compute_plane(certificate, "all", boxes=5)
        budgets = np.array([[one, one] for one in HUGE])
    for method in ("naive", "paper", "envelope"):
        assert (np.diff(certificate.collective(budgets, method).certified) <= 0).all()


LIES = [
    (kind, name, value)
    for kind in KINDS
    for name, values in (
        ("reference", (-7, 1 << 20, 1 << 62)),
        ("unsmoothed", (-1, -(1 << 62), 1 << 62)),
        ("agreements" if "graph" not in kind and "edges" not in kind else "counts", (-1, 1 << 62)),
    )
    for value in values
]


@pytest.mark.parametrize(("kind", "name", "value"), LIES)
def test_one_number_that_is_none_is_refused_when_it_is_read(kind: str, name: str, value: int, tmp_path: Path):
    path = tmp_path / "hostile.nc"
    path.write_bytes(edited(genuine_file(kind, tmp_path), lambda file: _lie(file, name, value)))
    with pytest.raises(CertificateFileError, match=r"do not belong together|must be (classes|whole numbers)"):
        load_certificate(path)


def test_votes_of_the_pilot_can_not_cancel(tmp_path: Path):
    def change(file: h5py.File) -> None:
        votes = file["pilot_votes"][()].astype(np.int64)
        votes[0, 0, 3], votes[0, 0, 5] = 150, -50
        del file["pilot_votes"]
        file.create_dataset("pilot_votes", data=votes)

    path = tmp_path / "hostile.nc"
    path.write_bytes(edited(genuine_file("views", tmp_path), change))
    with pytest.raises(CertificateFileError, match="pilot votes"):
        load_certificate(path)


def _lie(file: h5py.File, name: str, value: int) -> None:
    values = np.asarray(file[name if name in file else "labels"][()]).astype(np.int64)
    values.reshape(-1)[0] = value
    if name in file:
        del file[name]
    file.create_dataset(name, data=values)
