"""What a link opens brings the controls along, whatever the session's controls stood at before."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lrscore.settings import ImageSettings
from models.scenes.gallery import GALLERY
from tests.ui import page_support
from tests.ui.page_support import checked
from tests.ui.toy import toy_certificate
from ui.controls import DEFAULTS, shown_values, values_of
from ui.level_edits import decode_levels
from ui.opened import adopt_controls

open_page = partial(page_support.open_page, "segmentation")


@pytest.fixture
def own(gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for this browser's own runs."""
    monkeypatch.setattr("ui.stage.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    return folder


def controls(page: AppTest) -> tuple[object, ...]:
    return (
        page.slider(key="rows").value,
        page.slider(key="cols").value,
        page.select_slider(key="samples").value,
        page.selectbox(key="correction").value,
    )


def test_a_file_brings_the_controls_to_its_settings_once(own: Path):
    toy_certificate(grid=(1, 2), samples=256).save(own / "wide.nc")
    page = open_page(rows="4", scene=GALLERY[1].title)
    page.query_params["stored"] = "own:wide"
    for name in ("rows", "scene"):
        page.query_params.pop(name)
    checked(page.run())
    assert controls(page) == (1, 2, 256, "bonferroni")
    assert not page.info, "the controls ask for what is on screen"
    checked(page.slider(key="rows").set_value(2).run())
    assert page.slider(key="rows").value == 2, "moved afterwards"
    assert "grid" in page.info[0].value


def test_what_else_the_link_says_about_controls_wins(own: Path):
    toy_certificate(grid=(1, 2), samples=256).save(own / "wide.nc")
    page = open_page(stored="own:wide", rows="2")
    assert page.slider(key="rows").value == 2
    assert page.slider(key="cols").value == 2


def test_edited_levels_of_a_file_come_back(own: Path):
    levels = np.array([[0.1, 0.25], [0.3, 0.15]])
    plain = toy_certificate(grid=(1, 2), samples=256)
    settings = replace(plain.settings, levels=tuple(map(tuple, levels.tolist())))
    replace(plain, settings=settings).save(own / "edited.nc")
    page = open_page(stored="own:edited")
    text = page.query_params["matrix"]
    np.testing.assert_allclose(decode_levels(text if isinstance(text, str) else text[0], 2), levels)
    assert not page.info
    toy_certificate(grid=(1, 2), samples=256).save(own / "plain.nc")
    page.query_params["stored"] = "own:plain"
    page.query_params.pop("matrix")
    checked(page.run())
    assert "matrix" not in page.query_params
    assert not page.info


def test_a_scene_is_opened_afresh(own: Path):
    toy_certificate(grid=(1, 2), samples=256).save(own / "wide.nc")
    page = open_page(stored="own:wide")
    page.query_params.pop("stored")
    page.query_params["open"] = GALLERY[0].name
    checked(page.run())
    assert "open" not in page.query_params
    assert "stored" not in page.query_params
    assert page.selectbox(key="scene").value == GALLERY[0].name
    assert controls(page) == tuple(DEFAULTS[name] for name in ("rows", "cols", "samples", "correction"))
    assert page.pills(key="preset").value == "localized"


def test_a_scene_that_does_not_exist_opens_nothing(own: Path):
    assert open_page(open="nowhere").selectbox(key="scene").value == GALLERY[0].name


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({"grid": (9, 11)}, {"rows", "cols"}),
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


def test_a_seed_that_the_control_can_not_show_is_left_out(gallery: Path, monkeypatch: pytest.MonkeyPatch):
    state: dict[str, object] = {}
    monkeypatch.setattr("ui.preset_pills.st.session_state", state)
    for text, seed in (("7", 7), ("", 0), ("minus one", 0), (str(2**40), 0)):
        plain = toy_certificate()
        adopt_controls(replace(plain, provenance={**plain.provenance, "seed": text}))
        assert state["seed"] == seed
