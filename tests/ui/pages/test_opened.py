"""What a link opens brings the controls along, whatever the session's controls stood at before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lrscore.images.settings import ImageSettings
from models.scenes.gallery import GALLERY
from tests.ui import page_support
from tests.ui.images.test_datasets import write_pairs
from tests.ui.page_support import checked, html, in_link
from tests.ui.toy import toy_certificate
from ui.images.dataset_picker import PLACE
from ui.images.noise.matrix_text import decode_levels
from ui.images.opened import adopt_controls
from ui.images.request import DEFAULTS, PRESETS, link_of, shown_values, values_of
from ui.images.sources import picture_of, source_of
from ui.library.bundled import FIRST_PRESET, examples
from ui.library.names import rename

open_page = partial(page_support.open_page, "segmentation")
Keep = Callable[..., None]


@pytest.fixture
def keep(gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keep:
    """Keeps certificates among this browser's own runs: by name, with changed settings and provenance."""
    monkeypatch.setattr("ui.library.opened.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)

    def save(name: str, title: str = "holiday.jpg", model: str = "street-unet", **settings: object) -> None:
        certificate = toy_certificate(grid=(1, 2), samples=256)
        provenance = {**certificate.provenance, "title": title, "model": model}
        changed = replace(certificate.settings, **settings)
        replace(certificate, settings=changed, provenance=provenance).save(folder / f"{name}.nc")

    return save


def follow(page: AppTest, **parameters: str) -> AppTest:
    """Follow a link inside the app: the session stays, the address is that of the link."""
    for name in list(page.query_params):
        page.query_params.pop(name)
    for name, value in parameters.items():
        page.query_params[in_link("segmentation", name)] = value
    return checked(page.run())


def link(page: AppTest) -> dict[str, str | list[str]]:
    """The address, without the page's word."""
    return {
        name.removeprefix("image_"): values if len(values) > 1 else values[0]
        for name, values in page.query_params.items()
    }


def controls(page: AppTest) -> tuple[object, ...]:
    return (
        page.selectbox(key="image_scene").value,
        page.slider(key="image_rows").value,
        page.slider(key="image_cols").value,
        page.select_slider(key="image_samples").value,
        page.selectbox(key="image_correction").value,
    )


FILE_LINK = {
    **page_support.COPIES,
    "rows": "1",
    "cols": "2",
    "samples": "256",
    "pilot": "32",
    "correction": "Bonferroni",
}


@pytest.mark.parametrize("before", [{}, {"rows": "4", "scene": GALLERY[1].title, "mask": "2"}])
def test_a_file_brings_scene_and_controls_and_the_link_says_so(keep: Keep, before: dict[str, str]):
    keep("wide", GALLERY[2].name)
    page = follow(open_page(**before), open="own:wide")
    assert controls(page) == (GALLERY[2].name, 1, 2, 256, "bonferroni")
    assert not page.info, "the controls ask for what is on screen"
    assert link(page) == {"stored": "own:wide", "scene": GALLERY[2].title, **FILE_LINK}
    checked(page.slider(key="image_rows").set_value(2).run())
    assert page.slider(key="image_rows").value == 2, "moved afterwards"
    assert "grid" in page.info[0].value


def test_the_link_left_behind_shows_the_same_in_another_browser(keep: Keep):
    keep("wide", GALLERY[2].name)
    first = open_page(open="own:wide")
    again = open_page(**link(first))
    assert controls(again) == controls(first)
    assert not again.info
    moved = {name: value for name, value in link(first).items() if name != "rows"}  # back to the default
    assert open_page(**moved).slider(key="image_rows").value == DEFAULTS["rows"], (
        "the file is not adopted anew"
    )


@pytest.mark.parametrize("name", ["dusk street", "gone", None])
def test_the_picture_of_a_data_set_is_found_again(
    keep: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None
):
    root = tmp_path / "data"
    write_pairs(root / "towns" / "train")
    monkeypatch.setenv("LRS_DATA_ROOT", str(root))
    keep("town", "holiday.jpg" if name is None else f"{root / 'towns'}:train:{name}")
    page = follow(open_page(), open="own:town")
    if name == "dusk street":
        assert controls(page) == ("dataset", 1, 2, 256, "bonferroni")
        assert [page.selectbox(key=f"image_{part}").value for part in PLACE[:3]] == ["towns", "train", name]
        again = open_page(**link(page))
        assert controls(again) == controls(page)
        assert again.selectbox(key="image_picture").value == name
    else:
        assert controls(page)[0] == "upload"


def test_the_name_that_a_run_was_given_stands_above_the_title(keep: Keep, tmp_path: Path):
    keep("wide", GALLERY[2].name)
    assert "street scene ·" not in html(open_page(open="own:wide"))
    rename(tmp_path / "library" / "me", "wide", "for <b>Tuesday</b>")
    assert "Segmentation of a street scene · for &lt;b&gt;Tuesday&lt;/b&gt;" in html(
        open_page(open="own:wide")
    )


def test_a_file_can_be_opened_twice(keep: Keep):
    keep("wide", GALLERY[2].name)
    page = follow(open_page(open="own:wide"), open=GALLERY[1].name)
    assert controls(page)[:2] == (GALLERY[1].name, DEFAULTS["rows"])
    assert controls(follow(page, open="own:wide"))[:2] == (GALLERY[2].name, 1)


def test_edited_levels_come_with_their_file_and_go_with_the_next(keep: Keep):
    levels = np.array([[0.1, 0.25], [0.3, 0.15]])
    keep("edited", levels=tuple(map(tuple, levels.tolist())))
    keep("plain")
    page = open_page(open="own:edited")
    np.testing.assert_allclose(decode_levels(str(link(page)["matrix"]), 2), levels)
    assert not page.info
    follow(page, open="own:plain")
    assert "image_matrix" not in page.query_params
    assert not page.info


def test_edited_levels_of_a_grid_that_is_too_fine_for_a_link_are_left_out(gallery: Path, monkeypatch):
    state = adopting(monkeypatch)
    levels = tuple(map(tuple, np.full((99, 99), 0.2).tolist()))
    adopt_controls(replace(toy_certificate(), settings=ImageSettings(grid=(9, 11), levels=levels)))
    assert (state["image_rows"], state["image_cols"]) == (9, 11)
    assert "image_matrix" not in state


def test_a_scene_is_opened_afresh(keep: Keep):
    keep("wide")
    page = open_page(open="own:wide")
    page.session_state["measured_wanted"] = "asked"
    for scene in (GALLERY[1], GALLERY[0]):
        follow(page, open=scene.name)
        assert controls(page)[0] == scene.name
        assert controls(page)[1:] == tuple(DEFAULTS[n] for n in ("rows", "cols", "samples", "correction"))
        assert page.pills(key="image_preset").value == FIRST_PRESET
    assert link(page) == {}
    assert link(follow(page, open=GALLERY[1].name)) == {"scene": GALLERY[1].title}


def test_a_file_that_is_not_here_is_a_sentence_beside_the_scene(keep: Keep):
    page = open_page(open="own:gone")
    assert "own:gone is not here" in page.error[0].value
    assert "certified-share" in html(page)


def test_a_file_of_another_model_does_not_answer_the_controls(keep: Keep):
    keep("rival", model="a model that is not here")
    assert "(model)" in open_page(open="own:rival").info[0].value


def test_a_file_of_a_model_on_offer_brings_the_model_along(keep: Keep):
    keep("rival", model="street-isotropic")
    page = open_page(open="own:rival")
    assert not page.info
    assert page.selectbox(key="image_model").value == "street-isotropic"
    assert link(page)["model"] == "Bundled, trained under isotropic noise"


def test_what_is_on_screen_is_what_is_certified_again(gallery: Path):
    certificate, chosen = toy_certificate(), source_of(examples()[0])
    own = picture_of(certificate, chosen)
    np.testing.assert_array_equal(own.image, certificate.image)
    np.testing.assert_array_equal(picture_of(certificate, None).image, certificate.image)
    assert picture_of(replace(certificate, image=chosen.image), chosen) is chosen


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({"grid": (19, 25)}, {"rows", "cols"}),
        ({"level_min": 0.001}, {"levels"}),
        ({"level_max": 3.0}, {"levels"}),
        ({"samples": 480, "pilot_samples": 33, "alpha": 0.02}, {"samples", "pilot", "alpha"}),
        ({"mask_distance": 6}, {"mask"}),
        ({"correction": "count-level", "tolerated": 1001}, {"tolerated"}),
        ({"noise": "laplace", "interpolation": "variance"}, set()),
    ],
)
def test_what_a_control_can_not_show_stays_at_its_default(changes: dict[str, object], hidden: set[str]):
    settings = ImageSettings(**changes)  # type: ignore[arg-type]
    shown, exact = shown_values(settings), values_of(settings)
    assert {name for name in exact if shown[name] != exact[name]} == hidden
    assert all(shown[name] == DEFAULTS[name] for name in hidden)


@pytest.mark.parametrize(
    "values",
    [dict(preset.values) for preset in PRESETS]
    + [{**DEFAULTS, "noise": "laplace", "curve": "variance", "alpha": 0.05, "adaptive": True, "seed": 7}],
)
def test_a_link_brings_all_controls_to_their_values(gallery: Path, values: dict[str, object]):
    page = open_page(**link_of(values))
    widgets = {
        widget.key.removeprefix("image_"): widget.value
        for kind in ("slider", "select_slider", "selectbox", "checkbox", "toggle", "number_input")
        for widget in getattr(page, kind)
    }
    for name in set(values) & set(widgets):
        assert widgets[name] == values[name], name
    assert len(set(values) & set(widgets)) == len(values) - 1  # but for the curve, a segmented control


def adopting(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Session and link as plain dictionaries; returns the session."""
    state: dict[str, object] = {}
    for module in (
        "images.opened",
        "links",
        "images.noise.editor",
        "images.noise.adoption",
    ):
        monkeypatch.setattr(f"ui.{module}.st.session_state", state)
        monkeypatch.setattr(f"ui.{module}.st.query_params", {})
    return state


def test_a_seed_that_the_control_can_not_show_is_left_out(gallery: Path, monkeypatch: pytest.MonkeyPatch):
    state = adopting(monkeypatch)
    for text, seed in (("7", 7), ("", 0), ("minus one", 0), (str(2**40), 0)):
        plain = toy_certificate()
        adopt_controls(replace(plain, provenance={**plain.provenance, "seed": text}))
        assert state["image_seed"] == seed
