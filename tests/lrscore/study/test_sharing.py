"""Items that share noisy copies: counted once, at once, and never again for another method."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from lrscore.catalogue import LoadedImage, find_catalogue
from lrscore.certificate import FIXED_BEFORE
from lrscore.errors import CertificateError
from lrscore.files import load_certificate
from lrscore.graphs.counting import as_scores, collect_scores, label_histogram
from lrscore.monitor import Monitor
from lrscore.study import graph_shards, recalling
from lrscore.study.api import run_study
from lrscore.study.checking import check_study
from lrscore.study.items import items_of
from lrscore.study.settings import Setting, StudySettings
from lrscore.study.shards import cut, stream_of
from lrscore.study.store import Store
from lrscore.verify import verify_file
from tests.lrscore.study import toy_catalogue
from tests.lrscore.study.toy_catalogue import NAME
from tests.lrscore.study.toys import BASE, assert_same_counts, counts_of, graph_study, results_of, toy_study


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the batches that the toys' models are asked, in this process."""
    sizes: list[int] = []
    for model in (toy_catalogue.Named, toy_catalogue.Neighbours):
        asked = model.__call__

        def noting(self: object, batch: torch.Tensor, *more: object, asked=asked) -> torch.Tensor:
            sizes.append(len(batch))
            return asked(self, batch, *more)

        monkeypatch.setattr(model, "__call__", noting)
    return sizes


def done(study: StudySettings, folder: Path) -> float:
    """Run a study in this process; noisy copies that it says it has drawn."""
    outcome = run_study(study, folder, workers=0)
    assert outcome.failed == 0
    assert outcome.done + outcome.kept == outcome.total
    return Store(folder).told()["copies"] if outcome.done else 0.0


def test_three_readings_of_a_graph_are_one_run(tmp_path: Path, seen: list[int]):
    study = graph_study(data=("ring",))
    for folder in ("first", "soft"):  # a process looks at a model once before it is used
        seen.clear()
        done(replace(study, settings=study.settings[:1]), tmp_path / folder)
    alone = sum(seen)
    seen.clear()
    copies = done(study, tmp_path / "all")
    assert copies == 3 * (60 + 20)
    assert sum(seen) == alone  # the model is asked as often as for one of them, the clean graph included


def test_each_reading_counts_what_it_counts_alone(tmp_path: Path):
    study = graph_study()
    run_study(study, tmp_path / "all", workers=0)
    together = counts_of(tmp_path / "all")
    for setting in study.settings:
        run_study(replace(study, settings=(setting,)), tmp_path / setting.name, workers=0)
        for name, arrays in counts_of(tmp_path / setting.name).items():
            for what, values in arrays.items():
                np.testing.assert_array_equal(values, together[name][what])


def test_shared_counts_are_those_of_the_slow_way(tmp_path: Path):
    """Every reading from the same raw scores of every shard, histogram by histogram."""
    study = graph_study(data=("ring",))
    run_study(study, tmp_path / "s", workers=0)
    items = items_of(study, find_catalogue(NAME), NAME)
    assert len({item.drawn for item in items}) == 1
    assert len({item.counted for item in items}) == len({item.key for item in items}) == 3
    for item in items:
        certificate = load_certificate(tmp_path / "s" / item.file)
        opened = graph_shards.open_item(item)
        labels = np.full(certificate.nodes, -1)
        counts = np.zeros_like(certificate.counts)
        for shard in cut(opened.heading, study.shard_copies):
            sampler = graph_shards._sampler(item, opened)
            sampler.generator = stream_of(item, shard, "cpu")
            nodes, raw = collect_scores(sampler, shard.samples, Monitor(0), shard.groups)
            scores = as_scores(raw, item.setting.reading)
            if shard.stage == "pilot":
                labels[nodes] = scores.mean(axis=0).argmax(axis=1)
            else:
                counts[nodes] += label_histogram(scores, labels[nodes], item.setting.reading).counts
        np.testing.assert_array_equal(certificate.labels, labels)
        np.testing.assert_array_equal(certificate.counts, counts)


@pytest.mark.parametrize("kind", ["picture", "graph", "adaptive"])
def test_another_method_is_counted_from_the_files(kind: str, tmp_path: Path, seen: list[int]):
    adaptive = replace(BASE, correction="anytime", focus=(0.1,), samples=512)
    study = {
        "picture": toy_study(2),
        "graph": graph_study(),
        "adaptive": toy_study(1, settings=(Setting("adaptive", adaptive, "toy"),)),
    }[kind]
    whole = replace(study, methods=("naive", "paper", "envelope"))
    assert done(whole, tmp_path / "fresh") > 0
    done(replace(study, methods=("envelope",)), tmp_path / "late")
    sampled = sum(seen)
    assert done(whole, tmp_path / "late") == 0
    assert sum(seen) - sampled <= 12 * len(study.data) * 2  # clean pictures and graphs alone
    late, fresh = results_of(tmp_path / "late"), results_of(tmp_path / "fresh")
    assert late.keys() == fresh.keys()
    assert late == fresh
    for key in fresh:
        name = Store(tmp_path / "late").row(key)["certificate"]
        verify_file(tmp_path / "late" / name)
        assert FIXED_BEFORE in load_certificate(tmp_path / "late" / name).guarantee()
    assert not [one for one in check_study(Store(tmp_path / "late"), workers=0) if one.sentence]
    assert run_study(whole, tmp_path / "late", workers=0).done == 0


def test_the_table_lost_and_a_run_killed_in_between_lose_no_counts(tmp_path: Path, seen: list[int]):
    study = replace(toy_study(2), methods=("envelope",))
    done(study, tmp_path / "s")
    (tmp_path / "s" / "table.parquet").unlink()
    assert done(replace(study, methods=("naive", "envelope")), tmp_path / "s") == 0


LEVEL = {"correction": "count-level"}
OFFERED = LEVEL | {"offered": (1, 3)}


def changed(**values: object) -> StudySettings:
    """The toy study's first setting, with other values."""
    return toy_study(1, settings=(Setting("near", replace(BASE, **values), "toy"),), methods=("envelope",))


@pytest.mark.parametrize(
    ("before", "after", "explored"),
    [
        ({}, {"alpha": 0.05}, "alpha"),
        ({}, {"correction": "count-level", "tolerated": 3}, "correction, k"),
        (OFFERED, OFFERED | {"tolerated": 3}, ""),
        (OFFERED, LEVEL | {"tolerated": 3}, "k"),
        (LEVEL, OFFERED, "k"),
    ],
)
def test_a_promise_chosen_after_the_counts_is_an_exploration(
    before: dict, after: dict, explored: str, tmp_path: Path
):
    done(changed(**before), tmp_path / "s")
    assert done(changed(**after), tmp_path / "s") == 0
    (row,) = Store(tmp_path / "s").rows
    certificate = load_certificate(tmp_path / "s" / row["certificate"])
    assert row.get("explored", "") == explored == certificate.settings.explored_in_words
    assert certificate.promised == (not explored)
    assert certificate.guarantee().startswith("EXPLORATION") == bool(explored)
    verify_file(tmp_path / "s" / row["certificate"])
    assert not [one for one in check_study(Store(tmp_path / "s"), workers=0) if one.sentence]
    (tmp_path / "s" / "table.parquet").unlink()  # and it stays one
    done(changed(**after), tmp_path / "s")
    assert Store(tmp_path / "s").rows[0].get("explored", "") == explored


def test_what_was_planned_before_stays_planned_and_what_was_not_stays_an_exploration(tmp_path: Path):
    """Both have the same counts: which file they are read from matters."""
    study = toy_study(1, methods=("envelope",))
    first, late = study.settings[:2]
    done(replace(study, settings=(first,)), tmp_path / "s")
    for methods in (("envelope",), ("naive",), ("naive", "envelope")):
        done(replace(study, settings=(late, first), methods=methods), tmp_path / "s")
        rows = {row["setting"]: row.get("explored", "") for row in Store(tmp_path / "s").rows}
        assert rows == {first.name: "", late.name: "correction, k"}


def test_promises_that_are_planned_together_are_no_explorations(tmp_path: Path):
    """Not even where the run ended between them, and one is counted from the other's file."""
    done(toy_study(1), tmp_path / "s")
    for row in Store(tmp_path / "s").rows:
        (tmp_path / "s" / row["certificate"]).unlink()
        (tmp_path / "s" / "table.parquet").unlink()
        late = done(toy_study(1), tmp_path / "s")
        assert late == (0 if row["setting"].startswith("near") else 4 * (96 + 32))
        assert all("explored" not in one for one in Store(tmp_path / "s").rows)
        assert all(load_certificate(path).promised for path in (tmp_path / "s").glob("*.nc"))


def test_orders_and_budgets_may_be_chosen_late(tmp_path: Path):
    study = graph_study(data=("ring",))
    votes = study.settings[2]
    done(replace(study, settings=(votes,)), tmp_path / "s")
    other = replace(votes, values=replace(votes.values, orders=(2.0,)))
    assert done(replace(study, settings=(other,), budgets=((0, 0), (3, 3))), tmp_path / "s") == 0
    (row,) = Store(tmp_path / "s").rows
    assert "explored" not in row
    assert load_certificate(tmp_path / "s" / row["certificate"]).settings.orders == (2.0,)


@pytest.mark.parametrize(
    "study",
    [
        changed(level_max=0.31),
        changed(samples=97),
        replace(changed(), seeds=(1,)),
        replace(changed(), shard_copies=32),
        replace(changed(), settings=(Setting("near", BASE, "slow"),)),
        "picture",
        "nameless",
        "damaged",
        "changed",
        "forged",
        "linked",
    ],
)
def test_other_counts_are_counted(
    study: StudySettings | str, tmp_path: Path, toys: Path, monkeypatch: pytest.MonkeyPatch
):
    """Same names, but another noise, seed, cut, model or file: nothing of the old counts is taken."""
    folder = tmp_path / "s"
    if study == "nameless":  # weights that are known by name alone
        monkeypatch.setattr(toy_catalogue.Named, "digest", "")
    done(changed(), folder)
    (old,) = folder.glob("*.nc")
    if study == "picture":
        (toys / "toy0.note").write_text("another picture")
    elif study == "damaged":
        content = bytearray(old.read_bytes())
        content[len(content) // 2 : len(content) // 2 + 64] = bytes(64)
        old.write_bytes(content)
    elif study == "changed":  # it verifies, but is not the file that the table knows
        old.write_bytes(old.read_bytes() + b"x")
        verify_file(old)
    elif study == "linked":
        shutil.move(old, tmp_path / "elsewhere.nc")
        old.symlink_to(tmp_path / "elsewhere.nc")
    elif study == "forged":  # its heading says so, its counts are of another noise
        monkeypatch.setattr(recalling, "_told", lambda path: {"study_counts": items_of_changed[0].counted})
        done(changed(level_max=0.5), tmp_path / "other")
        old.unlink()
        shutil.copy(next((tmp_path / "other").glob("*.nc")), folder)
    items_of_changed = items_of(replace(changed(), methods=("naive",)), find_catalogue(NAME), NAME)
    asked = replace(changed(), methods=("naive",)) if isinstance(study, str) else study
    assert done(asked, folder) > 0
    done(asked, tmp_path / "fresh")
    (fresh,) = (tmp_path / "fresh").glob("*.nc")
    found = [load_certificate(path).agreements for path in (folder / fresh.name, fresh)]
    np.testing.assert_array_equal(*found)


def retold(path: Path, **told: str) -> None:
    """Change what a file says of itself, and nothing that verifying looks at."""
    with h5py.File(path, "a") as file:
        provenance = json.loads(file.attrs["provenance"]) | told
        file.attrs["provenance"] = json.dumps(provenance)
    verify_file(path)


def test_a_heading_is_not_believed_about_the_noise(tmp_path: Path):
    """A file of twice the noise that verifies and says to hold these counts: they would claim too much."""
    asked = replace(changed(), methods=("naive",))
    (item,) = items_of(asked, find_catalogue(NAME), NAME)
    done(changed(level_max=0.6), tmp_path / "s")
    (path,) = (tmp_path / "s").glob("*.nc")
    retold(path, study_counts=item.counted)
    (tmp_path / "s" / "table.parquet").unlink()
    assert recalling.files_with_counts(tmp_path / "s", [item], [], {})
    assert done(asked, tmp_path / "s") > 0


@pytest.mark.parametrize("kind", ["picture", "graph"])
def test_nor_about_the_input(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The same file, read in another way: by another version of a library, say."""
    graph = graph_study(data=("ring",), methods=("envelope",))
    study = changed() if kind == "picture" else replace(graph, settings=graph.settings[:1])
    done(study, tmp_path / "s")
    if kind == "picture":
        load = toy_catalogue.load_image

        def darker(source: str, *how: object, **labels: object) -> LoadedImage:
            loaded = load(source, *how, **labels)
            return replace(loaded, image=loaded.image * np.float32(0.5))

        monkeypatch.setattr(toy_catalogue, "load_image", darker)
    else:
        monkeypatch.setattr(graph_shards, "partition_nodes", lambda edges, nodes, *_: np.arange(nodes) % 3)
    assert done(replace(study, methods=("naive",)), tmp_path / "s") > 0


def test_a_file_that_the_table_knows_need_not_prove_its_curves_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """And one that it does not know has to."""

    def refused(path: Path) -> None:
        raise CertificateError("it was verified")

    done(changed(), tmp_path / "s")
    with monkeypatch.context() as patched:
        patched.setattr(recalling, "verify_file", refused)
        assert done(replace(changed(), methods=("naive",)), tmp_path / "s") == 0
        for table in (tmp_path / "s").glob("*.parquet"):
            table.unlink()
        assert done(replace(changed(), methods=("paper",)), tmp_path / "s") > 0


def test_a_file_that_changes_while_the_study_runs_is_not_counted_from(tmp_path: Path):
    done(changed(), tmp_path / "s")
    asked = replace(changed(), methods=("naive",))
    (item,), store = items_of(asked, find_catalogue(NAME), NAME), Store(tmp_path / "s")
    (counts,) = recalling.files_with_counts(store.folder, [item], [], store.digests).values()
    assert counts.content() == counts.path.read_bytes()
    counts.path.write_bytes(counts.path.read_bytes() + b"x")
    with pytest.raises(recalling.CountsError, match="not the file that was written"):
        counts.content()
    counts.path.unlink()
    with pytest.raises(recalling.CountsError, match="can not be read"):
        counts.content()


def test_workers_count_from_files_as_one_process_does(tmp_path: Path):
    """Half of the items are derived, half are sampled; a level of their own, and new pictures."""
    done(toy_study(1, methods=("envelope",)), tmp_path / "two")
    study = toy_study(2, methods=("envelope", "naive"))
    done(study, tmp_path / "one")
    assert run_study(study, tmp_path / "two", workers=2).done == 6
    assert results_of(tmp_path / "one") == results_of(tmp_path / "two")
    for path in (tmp_path / "two").glob("*.nc"):
        if not (tmp_path / "one" / path.name).exists():
            path.unlink()
    assert_same_counts(tmp_path / "one", tmp_path / "two")
