"""Headers, sets, links and pins: what is offered, what a link says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrscore import ImageSettings
from models.segmentation.names import DEFAULT_MODEL, bundled_digest, two_view_cost
from tests.ui.toy import toy_certificate
from ui.compare.chooser import MOST, Pick, encode, parse
from ui.compare.rivals import missing_rival, rival_settings
from ui.compare.sets import (
    common_pictures,
    family,
    gather,
    levels_words,
    picture_identity,
    read_header,
    recipe_words,
)
from ui.library.entries import Entry
from ui.library.file_memory import FileMemory
from ui.library.pins import read_pins, toggled, write_pins


def stored(folder: Path, name: str, **changes) -> Entry:
    certificate = replace(toy_certificate(size=changes.pop("size", 60)), **changes)
    certificate.save(folder / f"{name}.nc")
    return Entry("own", folder / f"{name}.nc", (folder / f"{name}.nc").stat().st_mtime_ns)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry]:
    folder = tmp_path_factory.mktemp("shelf")
    toy = toy_certificate()
    entries = {
        "one": stored(folder, "one"),
        "two": stored(folder, "two", size=36),
        "again": stored(folder, "again", provenance={**toy.provenance, "seed": "5"}),
        "batch": stored(folder, "batch", settings=replace(toy.settings, batch_size=7), size=36),
        "alpha": stored(folder, "alpha", settings=replace(toy.settings, alpha=0.1)),
        "weights": stored(folder, "weights", provenance={**toy.provenance, "model_digest": "other"}),
    }
    (folder / "broken.nc").write_bytes(b"nonsense")
    return {**entries, "broken": Entry("own", folder / "broken.nc", 1)}


def offered(entries):
    return gather(list(entries), FileMemory(read_header))


def test_a_set_is_equal_settings_and_weights_whatever_batch_and_seed(shelf: dict[str, Entry]):
    offer = offered(shelf.values())
    assert list(offer.singles) == [
        f"own:{name}" for name in ("one", "two", "again", "batch", "alpha", "weights")
    ]
    assert sorted(len(choice.members) for choice in offer.sets.values()) == [1, 1, 2]
    largest = next(iter(offer.sets.values()))
    assert {entry.path.stem for entry in largest.members.values()} == {
        "one",
        "two",
    }  # the first of each picture
    assert "nonsense" not in offer.problems["own:broken"]
    assert "broken.nc" in offer.problems["own:broken"]


def test_headers_agree_with_the_certificate(shelf: dict[str, Entry]):
    header = read_header(shelf["one"])
    toy = toy_certificate()
    assert header.settings == replace(toy.settings, batch_size=None)
    assert (header.pixels, header.referenced, header.model) == (60 * 80, True, DEFAULT_MODEL)
    assert header.picture == picture_identity(toy.image)


def test_pictures_are_told_apart_by_content_not_by_storage():
    lattice = np.random.default_rng(0).integers(0, 256, (3, 4, 5), dtype=np.uint8)
    floats = lattice.astype(np.float32) / np.float32(255)
    assert picture_identity(lattice) == picture_identity(floats)
    assert picture_identity(floats * np.float32(0.999)) != picture_identity(floats)
    assert picture_identity(lattice) != picture_identity(lattice.reshape(3, 5, 4))


def test_common_pictures_follow_the_first(shelf: dict[str, Entry]):
    offer = offered(shelf.values())
    one, two = offer.singles["own:one"], offer.singles["own:two"]
    largest = next(iter(offer.sets.values()))
    assert common_pictures([one, two]) == []
    assert common_pictures([largest, two]) == [two.header.picture]
    assert common_pictures([]) == []


def test_words_say_what_differs():
    settings = ImageSettings()
    assert recipe_words(settings) == "localized 3×5 · gaussian 0.1 to 0.3 · 1,024 samples"
    strict = replace(settings, level_max=0.1, mask_distance=2)
    assert (family(strict), levels_words(strict)) == ("strictly local", "0.1, blank from 2")
    single = replace(settings, grid=(1, 1), level_max=0.1, correction="anytime")
    assert recipe_words(single) == "isotropic · gaussian 0.1 · 1,024 samples · anytime"


@pytest.mark.parametrize(
    ("values", "picks"),
    [
        (["own:a~naive~exact"], [Pick("own:a", ("naive", "exact"))]),
        (["own:a~b~paper"], [Pick("own:a~b", ("paper",))]),
        (["own:naive", "own:naive~paper"], [Pick("own:naive")]),
        (["naive", "", "~naive", "own:x~nothing"], [Pick("naive"), Pick("own:x~nothing")]),
        (["a~naive~naive"], [Pick("a", ("naive",))]),
        ([f"own:{number}" for number in range(20)], [Pick(f"own:{number}") for number in range(MOST)]),
    ],
)
def test_links_are_read_with_care(values: list[str], picks: list[Pick]):
    assert parse(values) == tuple(picks)
    assert parse(encode(picks)) == tuple(picks)


def test_rivals_cost_what_they_say(shelf: dict[str, Entry]):
    offer = offered(shelf.values())
    largest = next(iter(offer.sets.values()))
    equal = rival_settings("equal-cost", largest.settings, 0.2, 0.2)
    cheap = rival_settings("equal-samples", largest.settings, 0.2, 0.2)
    rival = missing_rival(largest, equal, list(offer.sets.values()), list(largest.members))
    assert rival.passes == 6 * (32 + 128)
    assert missing_rival(largest, cheap, [], list(largest.members)).passes == 32 + 128
    assert len(rival.members) == 2
    strict = rival_settings("strict", largest.settings, 0.2, 0.9)
    assert (strict.level_max, strict.mask_distance, family(strict)) == (0.2, 2, "strictly local")
    other = rival_settings("levels", largest.settings, 0.2, 0.4)
    assert (other.level_min, other.level_max, other.grid) == (0.2, 0.4, (2, 3))


def test_what_is_certified_already_is_not_certified_again(shelf: dict[str, Entry]):
    offer = offered(shelf.values())
    one = offer.singles["own:one"]
    same = missing_rival(one, one.settings, list(offer.sets.values()), list(one.members))
    assert same.members == ()
    weights = offer.singles[
        "own:weights"
    ]  # settings that exist, but not with these weights and another alpha
    other = missing_rival(
        weights, replace(one.settings, alpha=0.1), list(offer.sets.values()), list(weights.members)
    )
    assert len(other.members) == 1


def test_pins_survive_nonsense_and_come_back(tmp_path: Path):
    assert read_pins(tmp_path) == ()
    write_pins(tmp_path / "me", toggled(toggled((), "own:a"), "own:b"))
    assert read_pins(tmp_path / "me") == ("own:b", "own:a")
    assert toggled(("own:b", "own:a"), "own:b") == ("own:a",)
    for nonsense in ("{", '{"a": 1}', "17"):
        (tmp_path / "pins.json").write_text(nonsense)
        assert read_pins(tmp_path) == ()
    (tmp_path / "pins.json").write_text('["own:a", 5]')
    assert read_pins(tmp_path) == ("own:a",)


def test_rivals_of_two_views(shelf: dict[str, Entry]):
    """Isotropic smoothing gets the copies that a pair of views costs, and the network that was trained for it."""
    offer = offered(shelf.values())
    usual = next(iter(offer.sets.values()))
    views = replace(usual.settings, two_views=True, level_min=0.2, level_max=1.6)
    two = replace(usual, header=replace(usual.header, settings=views, model="street-two-view", digest="d"))
    assert (family(views), levels_words(views)) == ("localized, two views", "0.2 near, 1.6 far")
    equal = rival_settings("equal-cost", views, 0.3, 0.3)
    assert (equal.two_views, equal.grid) == (False, (1, 1))
    rival = missing_rival(two, equal, [], list(two.members))
    assert rival.passes == pytest.approx(two_view_cost(180, 240, (2, 3)) * (32 + 128), abs=2)
    assert (rival.header.model, rival.header.digest) == (
        "street-isotropic",
        bundled_digest("street-isotropic"),
    )
    strict = rival_settings("strict", views, 0.3, 0.3)
    assert (family(strict), levels_words(strict)) == (
        "strictly local, two views",
        "0.3 near, far view blank",
    )
    other = rival_settings("levels", views, 0.3, 0.9)
    assert (other.two_views, other.level_min, other.level_max) == (True, 0.3, 0.9)
    assert missing_rival(two, other, [], list(two.members)).header.model == "street-two-view"
