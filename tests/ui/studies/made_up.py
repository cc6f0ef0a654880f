"""A study of thousands of rows, written without sampling anything: for the page alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from lrscore.atomic import write_bytes
from lrscore.study.reading import study_text
from lrscore.study.settings import Setting, StudySettings
from lrscore.study.store import STUDY, TABLE
from lrscore.study.table import write_table
from tests.lrscore.study.toys import BASE

EPSILONS = np.round(np.linspace(0, 1, 41), 6)


def write_study(folder: Path, pictures: int, *, certificate: Path | None = None) -> list[dict[str, object]]:
    """Two settings of which the second has larger radii, one failed row, and one row with a certificate file."""
    folder.mkdir(parents=True)
    settings = (Setting("near", BASE, "toy"), Setting("far", replace(BASE, level_min=0.2), "toy"))
    study = StudySettings(data=(f"toys:{pictures}",), settings=settings, title="made up")
    write_bytes(folder / STUDY, study_text(study).encode())
    generator, rows = np.random.default_rng(0), []
    for place in range(pictures):
        for number, setting in enumerate(settings):
            right = int(generator.integers(600, 900))
            curve = np.maximum(right - EPSILONS * generator.uniform(600, 900) / (1 + 0.2 * number), 0).astype(
                int
            )
            shares = curve / 1000
            rows.append(
                {
                    "key": f"{place:06d}{number}" + "0" * 50,
                    "picture": f"picture {place:05d}",
                    "setting": setting.name,
                    "seed": 0,
                    "kind": "image",
                    "status": "done",
                    "sentence": "",
                    "outputs": 1000,
                    "labelled": 1000,
                    "correct": right,
                    "abstained": 50,
                    "agreeing": 900,
                    "hit": [right // 2, right - right // 2],
                    "true": [500, 500],
                    "predicted": [450, 500],
                    "budgets": EPSILONS.tolist(),
                    "certified_envelope": (curve + 40).tolist(),
                    "certified_correct_envelope": curve.tolist(),
                    "radius_envelope": float((np.diff(EPSILONS) * shares[1:]).sum()),
                    "passes": 512,
                    "seconds": 1.0,
                    "alpha": 0.01,
                }
            )
    keys = ("key", "picture", "setting", "seed", "kind")
    rows[-1] = {name: rows[-1][name] for name in keys} | {
        "status": "failed",
        "sentence": "it can not be read",
    }
    if certificate is not None:
        best = max(range(0, len(rows), 2), key=lambda row: rows[row]["radius_envelope"])
        (folder / "best.nc").write_bytes(certificate.read_bytes())
        rows[best]["certificate"] = "best.nc"
    write_table(rows, folder / TABLE)
    return rows
