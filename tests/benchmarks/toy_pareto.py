"""A tiny comparison: a plan of one setting for every method, a linear model, a picture of two halves."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.pareto import catalogue
from benchmarks.pareto.pictures import write
from benchmarks.pareto.plan import NETWORKS, Plan
from benchmarks.pareto.rows import Picture, Row
from benchmarks.pareto.study import rows_of, study_of
from lrscore import ImageSettings
from lrscore.catalogue import find_catalogue
from lrscore.images.regions import GridRegions
from lrscore.study.api import run_study
from lrscore.study.items import items_of
from lrscore.study.store import Store
from tests.lrscore.linear import Brightness

BASE = ImageSettings(grid=(2, 2), samples=96, pilot_samples=24, alpha=0.1)
PLAN = Plan(
    BASE,
    localized=(((2, 2), 0.1, 0.2), ((1, 3), 0.1, 0.2)),
    searched=(((1, 2), 0.05, 0.05),),
    isotropic=(0.15,),
    isotropic_trained=(),
    center=(0.15,),
    strict=(((2, 2), 0.1, 1),),
    views=(((2, 2), 0.1, 0.4), ((2, 2), 0.1, math.inf)),
    taus=(0.6,),
    tolerated=0.02,
    collective=("naive", "paper", "envelope", "exact"),
    epsilon_max=0.5,
    epsilons=6,
    epsilons_far=0,
)


class Bright(Brightness):
    """Of two views: the near one decides."""

    digest = "toy"

    def two_views(self, near: torch.Tensor, far: torch.Tensor, regions: GridRegions) -> torch.Tensor:
        return self(near)


def use_toys(patched: pytest.MonkeyPatch, path: Path) -> None:
    """Pictures are those of the file, and every model is `Bright`."""
    patched.setenv(catalogue.VARIABLE, str(path))
    patched.setattr(catalogue, "load_image_model", lambda name: Bright())
    patched.setattr(catalogue, "model_digest", lambda name, kind: None)


def measured(folder: Path, plan: Plan, pictures: Sequence[Picture]) -> list[Row]:
    """The rows of a study of these pictures in this process."""
    write(pictures, folder / "pictures.npz")
    with pytest.MonkeyPatch.context() as patched:
        use_toys(patched, folder / "pictures.npz")
        study = study_of(plan, pictures, dict.fromkeys(NETWORKS, "toy"))
        outcome = run_study(study, folder / "study", workers=0, catalogue=catalogue.NAME)
    assert outcome.failed == 0, [row["sentence"] for row in Store(folder / "study").rows if row["sentence"]]
    rows, whole = found_rows(folder, plan, pictures, Store(folder / "study").rows)
    assert whole == len(pictures)
    return rows


def found_rows(
    folder: Path, plan: Plan, pictures: Sequence[Picture], found: Sequence[dict[str, Any]]
) -> tuple[list[Row], int]:
    """What a table's rows say of `measured`."""
    with pytest.MonkeyPatch.context() as patched:
        use_toys(patched, folder / "pictures.npz")
        study = study_of(plan, pictures, dict.fromkeys(NETWORKS, "toy"))
        items = items_of(study, find_catalogue(catalogue.NAME), catalogue.NAME)
    return rows_of(found, items, plan, pictures)


def picture(name: str = "one") -> Picture:
    image = np.full((3, 16, 16), 0.2, np.float32)
    image[:, :, 8:] = 0.8
    mask = (image[0] > 0.5).astype(np.int64)
    mask[0], mask[1] = 255, 1 - mask[1]  # a row without labels, a row that the model gets wrong
    return Picture("toy", name, image, mask)
