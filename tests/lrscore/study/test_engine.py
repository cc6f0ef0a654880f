"""The engine: the same counts to the bit however the work is spread, and certificates that verify."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrscore.errors import InputError
from lrscore.images.settings import ImageSettings
from lrscore.study.api import run_study
from lrscore.study.settings import Setting
from lrscore.study.store import Store
from lrscore.verify import verify_file
from tests.lrscore.study.toy_catalogue import Named, Neighbours
from tests.lrscore.study.toys import BASE, assert_same_counts, counts_of, graph_study, results_of, toy_study


@pytest.fixture(scope="module")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy study on one process."""
    from tests.lrscore.study.toy_catalogue import NAME

    folder = tmp_path_factory.mktemp("one")
    outcome = run_study(toy_study(), folder, workers=0, catalogue=NAME)
    assert (outcome.done, outcome.failed, outcome.total) == (6, 0, 6)
    return folder


def test_two_workers_count_the_same(one_process: Path, tmp_path: Path):
    run_study(toy_study(), tmp_path / "two", workers=2)
    assert_same_counts(one_process, tmp_path / "two")
    assert results_of(one_process) == results_of(tmp_path / "two")


@pytest.mark.parametrize("kind", ["pictures", "graphs"])
def test_a_worker_of_four_threads_counts_the_same(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As `dask worker` starts one unless it is told otherwise: shards of one item run side by side in one process, and
    each draws several batches while the others do."""
    from distributed import LocalCluster

    for model in (Named, Neighbours):
        asked = model.__call__

        def slowly(self: object, *given: object, asked=asked) -> object:
            time.sleep(0.01)
            return asked(self, *given)

        monkeypatch.setattr(model, "__call__", slowly)
    whole = {"pictures": toy_study(1), "graphs": graph_study(data=("ring",))}[kind]
    run_study(whole, tmp_path / "one", workers=0)
    with LocalCluster(
        n_workers=1,
        threads_per_worker=4,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address=None,
    ) as cluster:
        outcome = run_study(whole, tmp_path / "four", scheduler=cluster.scheduler_address)
    assert outcome.failed == 0
    assert_same_counts(tmp_path / "one", tmp_path / "four")


def test_shuffled_order_counts_the_same(one_process: Path, tmp_path: Path):
    def shuffled(places: list[int]) -> list[int]:
        random.Random(7).shuffle(places)
        return places

    run_study(toy_study(), tmp_path / "shuffled", workers=0, shuffle=shuffled)
    assert_same_counts(one_process, tmp_path / "shuffled")


def test_one_picture_alone_counts_the_same(one_process: Path, tmp_path: Path):
    """What else is in a study makes no difference."""
    study = toy_study()
    run_study(replace(study, data=("toy1",), settings=study.settings[2:]), tmp_path / "alone", workers=0)
    alone, whole = counts_of(tmp_path / "alone"), counts_of(one_process)
    assert list(alone)
    assert alone.keys() <= whole.keys()
    for name, arrays in alone.items():
        np.testing.assert_array_equal(arrays["agreements"], whole[name]["agreements"])


def test_every_certificate_verifies_and_settings_that_share_samples_share_counts(one_process: Path):
    files = sorted(one_process.glob("*.nc"))
    for path in files:
        verify_file(path)
    counts = counts_of(one_process)
    near = [arrays for name, arrays in counts.items() if "near--" in name]
    level = [arrays for name, arrays in counts.items() if "count_level" in name]
    assert len(near) == len(level) == 2
    for one, other in zip(near, level, strict=True):
        np.testing.assert_array_equal(one["agreements"], other["agreements"])


def test_pilot_estimation_seeds_pictures_and_groups_have_their_own_numbers(tmp_path: Path):
    """A picture that is 1/2 everywhere: every vote is a coin, and coins of different streams are not alike."""
    from lrscore.catalogue import find_catalogue
    from lrscore.study.items import items_of
    from lrscore.study.shards import Heading, cut, stream_of
    from tests.lrscore.study.toy_catalogue import NAME

    items = items_of(toy_study(2, seeds=(0, 1)), find_catalogue(NAME), NAME)
    shards = cut(Heading(((0,), (1,), (2, 3)), 16, 32, 96), 48)
    drawn = [
        stream_of(item, shard, "cpu").initial_seed()
        for item in items
        if item.setting.name != "near, count level"
        for shard in shards
    ]
    assert len(set(drawn)) == len(drawn)
    again = [stream_of(item, shard, "cpu").initial_seed() for item in items[:1] for shard in shards]
    assert again == drawn[: len(shards)]


@pytest.mark.parametrize("copies", [1, 16, 48, 100, 1_000_000])
@pytest.mark.parametrize("samples", [1, 16, 96, 97])
def test_shards_cover_every_copy_once(copies: int, samples: int):
    from lrscore.study.shards import Heading, cut

    heading = Heading(((0, 1), (2,), (3,)), 16, 40, samples)
    shards = cut(heading, copies)
    for stage, wanted in (("pilot", 40), ("estimation", samples)):
        drawn = dict.fromkeys(range(4), 0)
        for shard in shards:
            if shard.stage == stage:
                for group in shard.groups:
                    drawn[group] += shard.samples
        assert drawn == dict.fromkeys(range(4), wanted)
    assert len({(shard.stage, shard.block, shard.index) for shard in shards}) == len(shards)
    for shard in shards:
        others = [one.index for one in shards if (one.stage, one.block) == (shard.stage, shard.block)]
        assert shard.samples % 16 == 0 or shard.index == max(others)


def test_merging_in_any_order_and_tree_adds_up():
    from lrscore.study.shards import Part, merge

    generator = np.random.default_rng(0)
    arrays = [generator.integers(0, 200, 50).astype(np.uint8) for _ in range(9)]
    parts = [Part({"votes": array}, 1.0, 2) for array in arrays]
    wanted = np.sum(arrays, axis=0, dtype=np.int64)
    flat, tree = merge(parts), merge([merge(parts[:4]), merge([merge(parts[4:7]), *parts[7:]])])
    for found in (flat, tree, merge(parts[::-1])):
        np.testing.assert_array_equal(found.counts["votes"], wanted)
        assert found.counts["votes"].dtype == np.uint16  # the smallest that holds them
        assert (found.seconds, found.passes) == (9.0, 18)


def test_estimates_are_unbiased_and_bounds_hold(tmp_path: Path):
    """The toy's probabilities are known in closed form: agreements must be binomial with them."""
    from scipy.stats import norm

    from lrscore.files import load_certificate
    from tests.lrscore.study.toy_catalogue import load_image

    settings = replace(BASE, level_min=0.3, level_max=0.3, samples=4000, pilot_samples=200, batch_size=100)
    study = toy_study(settings=(Setting("flat", settings, "toy"),), data=("toy0",), shard_copies=500)
    run_study(study, tmp_path / "s", workers=0)
    certificate = load_certificate(next((tmp_path / "s").glob("*.nc")))
    mean = load_image("toy0", None).image.mean(axis=0).astype(np.float64)
    bright = norm.cdf((mean - 0.5) * np.sqrt(3) / 0.3)
    label = np.where(certificate.labels == 1, bright, 1 - bright)
    z = (certificate.agreements - 4000 * label) / np.sqrt(4000 * label * (1 - label) + 1e-9)
    assert np.abs(z).max() < 5
    assert 0.7 < z.std() < 1.3  # neither shared nor repeated copies
    assert (certificate.probabilities <= label).all()


def test_graphs_are_cut_the_same_way(tmp_path: Path):
    run_study(graph_study(), tmp_path / "one", workers=0)
    outcome = run_study(graph_study(shard_copies=30), tmp_path / "two", workers=2)
    assert (outcome.done, outcome.failed) == (6, 0)
    assert_same_counts(tmp_path / "one", tmp_path / "two")
    for path in (tmp_path / "one").glob("*.nc"):
        verify_file(path)
    rows = Store(tmp_path / "one").rows
    assert {row["labelled"] for row in rows} == {6}  # the test split
    assert all(row["certified_correct_envelope"][0] <= 6 for row in rows)


def test_center_smoothing_and_adaptive_sampling_are_one_task_each(tmp_path: Path):
    from lrscore.images.baselines.center import CenterSettings

    adaptive = replace(BASE, correction="anytime", focus=(0.1,), samples=512)
    settings = (
        Setting("center", CenterSettings(0.2, center_samples=64, samples=64), "toy"),
        Setting("adaptive", adaptive, "toy"),
        Setting(
            "isotropic",
            ImageSettings(grid=(1, 1), level_min=0.2, level_max=0.2, samples=96, alpha=0.1),
            "toy",
        ),
    )
    study = toy_study(1, settings=settings, methods=("envelope", "segcertify:0.75"))
    for name, workers in (("one", 0), ("two", 2)):
        assert run_study(study, tmp_path / name, workers=workers).failed == 0
    assert results_of(tmp_path / "one") == results_of(tmp_path / "two")
    rows = {row["setting"]: row for row in Store(tmp_path / "one").rows}
    assert "radius_center" in rows["center"]
    assert not rows["center"].get("certificate")
    assert "certified_segcertify:0.75" in rows["isotropic"]
    assert "certified_segcertify:0.75" not in rows["adaptive"]


def test_provenance_tells_what_that_of_a_single_run_tells(one_process: Path, tmp_path: Path):
    """How noise was drawn and added among it, whether the work was cut or not."""
    import torch

    from lrscore.files import load_certificate
    from lrscore.images.certify import certify_image
    from tests.lrscore.study.toy_catalogue import Named

    adaptive = replace(BASE, correction="anytime", focus=(0.1,))
    study = toy_study(1, settings=(Setting("adaptive", adaptive, "toy"),), methods=("envelope",))
    run_study(study, tmp_path / "whole", workers=0)
    for path in [*one_process.glob("*.nc"), *(tmp_path / "whole").glob("*.nc")]:
        certificate = load_certificate(path)
        alone = certify_image(
            Named(),
            torch.from_numpy(certificate.image),
            certificate.settings,
            generator=torch.Generator().manual_seed(int(certificate.provenance["seed"])),
        )
        assert {"noise_added", "noise_drawn"} <= alone.provenance.keys()
        assert alone.provenance.items() <= certificate.provenance.items()


def test_rows_say_what_the_certificates_say(one_process: Path):
    from lrscore.files import load_certificate
    from lrscore.metrics import average_certified_radius, class_counts

    for row in Store(one_process).rows:
        certificate = load_certificate(one_process / row["certificate"])
        correct = certificate.collective(
            certificate.noise.budget(np.array(row["budgets"])), "envelope", certificate.correct()
        ).certified
        area = average_certified_radius(np.array(row["budgets"]), correct / row["labelled"])
        assert row["radius_envelope"] == area
        assert row["abstained"] == certificate.abstained.sum()
        counts = class_counts(certificate.labels, certificate.reference, 2, certificate.abstained)
        np.testing.assert_array_equal([row["hit"], row["true"], row["predicted"]], counts)
        budgets = certificate.noise.budget(np.array(row["budgets"]))
        for method in ("naive", "envelope"):
            np.testing.assert_array_equal(
                row[f"certified_{method}"], certificate.collective(budgets, method).certified
            )


def test_without_budgets_the_radius_is_the_one_of_every_other_page(tmp_path: Path):
    from lrscore.files import load_certificate
    from lrscore.images.radius import average_radius

    study = toy_study(1, budgets=(), methods=("envelope",))
    run_study(replace(study, settings=study.settings[:1]), tmp_path / "s", workers=0)
    (row,) = Store(tmp_path / "s").rows
    assert (
        row["radius_envelope"] == average_radius(load_certificate(tmp_path / "s" / row["certificate"])).radius
    )


def test_a_pattern_without_files_is_one_sentence(tmp_path: Path):
    with pytest.raises(InputError, match="no file fits the pattern"):
        run_study(replace(toy_study(), data=(str(tmp_path / "*.png"),)), tmp_path / "s", workers=0)
