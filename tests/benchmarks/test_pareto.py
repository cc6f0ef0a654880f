"""The comparison's runs on a tiny configuration: costs, counting, soundness, resuming."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.pareto import store
from benchmarks.pareto.measure import Row, measure
from benchmarks.pareto.network import BaseModel, SharedPasses
from benchmarks.pareto.plan import CHEAP, EQUAL, Plan, Proposed, runs, spread
from lrscore.images.baselines import CenterSettings
from tests.benchmarks.toy_pareto import BASE, PLAN, Bright, every, picture
from tests.lrscore.linear import Brightness


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return [row for run in runs(PLAN) for row in measure(Bright(), picture(), run, PLAN)]


def test_equal_cost_is_equal() -> None:
    planned = list(runs(PLAN))
    own = {run.forward_passes for run in planned if run.cost == EQUAL and run.network != "views"}
    assert own == {4 * (96 + 24)}
    assert {run.forward_passes for run in planned if run.network == "views"} == {480 / PLAN.view_cost}
    assert {run.forward_passes for run in planned if run.cost == CHEAP} == {96 + 24}
    families = {"localized 2x2", "localized 1x3", "strictly local 2x2", "isotropic", "center smoothing"}
    two = {"localized, two views 2x2", "strictly local, two views 2x2"}
    assert {run.family for run in planned} == families | two
    center = [run.settings for run in planned if isinstance(run.settings, CenterSettings)]
    assert {settings.alpha_center + settings.alpha_certify for settings in center} == {BASE.alpha}
    few = replace(PLAN, base=replace(BASE, samples=12, pilot_samples=4))
    assert [run.cost for run in runs(few) if run.family == "center smoothing"] == []
    full = list(runs(Plan()))
    assert len({(run.network, run.key, run.cost) for run in full}) == len(full)
    shared = [passes for passes, _ in itertools.groupby(run.shared_passes for run in full) if passes]
    assert len(shared) == len(set(shared))  # runs that share passes follow each other
    trained = [run for run in full if run.network == "isotropic"]
    assert {run.name for run in trained} == {
        f"{level:g}, trained for it" for level in Plan().isotropic_trained
    }


def test_what_a_grid_does_not_divide_is_not_spent() -> None:
    """480 passes over 7 cells: 68 each, 24 of them pilot."""
    settings = spread(BASE, (1, 7))
    assert (settings.grid, settings.samples, settings.pilot_samples) == ((1, 7), 44, 24)
    proposed = Proposed("p", (1, 3), ((0.1, 0.2, 0.3), (0.2, 0.1, 0.2), (0.3, 0.2, 0.1)))
    run = next(run for run in runs(replace(PLAN, proposed=(proposed,))) if "proposed" in run.family)
    assert (run.family, run.forward_passes) == ("localized 1x3, proposed levels", 480)
    assert run.settings.levels == proposed.levels  # type: ignore[union-attr]


def test_every_method_is_measured_on_the_same_labelled_pixels(rows: list[Row]) -> None:
    methods = {row.method for row in rows}
    assert {f"localized 2x2, {name}, equal cost" for name in PLAN.collective} < methods
    assert {"SegCertify, tau 0.6, equal cost", "center smoothing, equal samples"} < methods
    assert {row.labelled for row in rows} == {15 * 16}
    for row in rows:
        assert sum(row.true) == 15 * 16
        assert sum(row.hit) <= 14 * 16  # one row is wrong by construction
        assert len(row.certified) == 6
        assert (np.diff(row.certified) <= 0).all()
        assert max(row.certified) <= sum(row.hit)
    by_method = {row.method: np.array(row.certified) for row in rows}
    order = [by_method[f"localized 2x2, {name}, equal cost"] for name in PLAN.collective]
    for weaker, stronger in itertools.pairwise(order):
        assert (weaker <= stronger).all()
    assert by_method["localized 2x2, envelope, equal cost"][0] > 150


def test_count_level_bounds_are_sharper_and_give_up_the_tolerated_pixels(rows: list[Row]) -> None:
    """2 % of 256 pixels are 5: at most 224 - 4 correct ones can be claimed, as all bounds may not fail but 4."""
    by_method = {row.method: np.array(row.certified) for row in rows}
    for family in ("localized 2x2, envelope", "isotropic, adaptive radii"):
        strict, loose = by_method[f"{family}, equal cost"], by_method[f"{family}, count-level, equal cost"]
        assert loose.max() == 224 - (round(0.02 * 256) - 1)
        assert (loose >= strict - 4).all()
    assert not any("SegCertify" in method and "count-level" in method for method in by_method)


def test_no_method_claims_more_than_the_linear_model_can_bear(rows: list[Row]) -> None:
    """Every pixel lies .3 sqrt(3) = .52 from the boundary; the plan's curves end at .5, so scale the claim instead.

    An attack with eps^2 = n .27 takes any n pixels: at eps .5 < .52 none falls, so the truth is all 224 correct ones.
    At larger eps the truth is 224 - floor(eps^2 / .27).
    """
    for run in runs(replace(PLAN, epsilon_max=3.0, epsilons=31)):
        wide = replace(PLAN, epsilon_max=3.0, epsilons=31)
        truth = 224 - np.floor(np.linspace(0, 3, 31) ** 2 / 0.27)
        for row in measure(Bright(), picture(), run, wide):
            assert (np.array(row.certified) <= truth).all(), row.method


def test_an_interrupted_experiment_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "records.jsonl"
    planned = [run for run in runs(PLAN) if run.family in ("localized 2x2", "isotropic")]
    assert len(planned) == 3
    pictures = [picture("one"), picture("two")]
    measured: list[str] = []

    def counting(*arguments: object) -> list[Row]:
        measured.append("x")
        if len(measured) == 5:
            raise KeyboardInterrupt
        return measure(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "measure", counting)
    with pytest.raises(KeyboardInterrupt):
        store.complete(every(Bright()), pictures, planned, PLAN, path, report=lambda text: None)
    with path.open("a") as file:
        file.write('{"key": "cut o')  # as a killed process leaves it
    rows = store.complete(every(Bright()), pictures, planned, PLAN, path, report=lambda text: None)
    assert len(measured) == 5 + 2  # four were done, the fifth died
    again = store.complete(every(Bright()), pictures, planned, PLAN, path, report=lambda text: None)
    assert again == rows
    assert len(measured) == 7
    fresh = [row for one in pictures for run in planned for row in measure(Bright(), one, run, PLAN)]
    assert [replace(row, seconds=0) for row in rows] == [replace(row, seconds=0) for row in fresh]
    assert len(list((path.parent / "certificates").glob("*.nc"))) == 6
    fewer, samples = replace(PLAN, collective=("envelope",)), []

    def no_passes(images: torch.Tensor) -> torch.Tensor:
        samples.append(images)
        return Brightness()(images)

    counted = store.complete(every(no_passes), pictures, planned, fewer, path, report=lambda text: None)
    assert samples == []  # other methods count the stored samples
    expected = [row for row in rows if not any(name in row.method for name in ("naive", "paper", "exact"))]
    assert counted == expected


def test_baselines_with_equal_noise_share_their_passes() -> None:
    class Spy(Brightness):
        digest, calls = "toy", 0

        def __call__(self, images: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            return super().__call__(images)

    spy = Spy()
    shared = SharedPasses(spy)
    baselines = [run for run in runs(PLAN) if run.shared_passes is not None]
    assert [run.cost for run in baselines] == [CHEAP, CHEAP, EQUAL, EQUAL]
    together = [row for run in baselines for row in measure(shared, picture(), run, PLAN)]
    shared_calls, spy.calls = spy.calls, 0
    apart = [row for run in baselines for row in measure(spy, picture(), run, PLAN)]
    assert [replace(row, seconds=0) for row in together] == [replace(row, seconds=0) for row in apart]
    assert shared_calls < 0.7 * spy.calls


def test_the_network_may_be_computed_in_bfloat16() -> None:
    class Doubler(torch.nn.Module):
        digest, name, class_names = "d", "doubler", ("a", "b")

        def __init__(self) -> None:
            super().__init__()
            self.factor = torch.nn.Parameter(torch.tensor(1.0 + 2**-12))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images * self.factor

    image = torch.tensor([1.0 + 2**-12])
    with torch.no_grad():
        assert BaseModel(Doubler())(image).item() == 1 + 2**-11  # float32 drops the 2**-24
        halved = BaseModel(Doubler(), "bfloat16")
        assert halved(image).item() == 1.0
    assert (halved.digest, halved.class_names) == ("d in bfloat16", ("a", "b"))
