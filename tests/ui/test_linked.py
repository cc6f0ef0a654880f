"""What a link asks of a control in vain is told: by every kind of control, and until it is moved."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.page_support import ROOT, html
from ui.widgets.linked import _UNHEARD


def controls() -> None:
    """A page with a control of every kind."""
    import streamlit as st

    from ui.style.chrome import tell_unheard
    from ui.widgets.linked import linked, unheard

    place = st.container()
    linked(
        st.selectbox, "Scene", ["a", "b"], key="scene", format_func={"a": "Avenue", "b": "Bay"}.__getitem__
    )
    linked(st.slider, "Rows", 1, 18, 2, key="rows")
    linked(st.slider, "Levels", 0.02, 2.0, (0.2, 1.0), key="levels")
    linked(st.number_input, "Seed", min_value=0, max_value=9, key="seed")
    linked(st.toggle, "Views", True, key="views")
    linked(st.pills, "Pictures", ["x", "y"], selection_mode="multi", default=["x"], key="panels")
    linked(st.text_input, "Find", key="find")
    with place:
        tell_unheard(unheard())


def opened(**parameters: str | list[str]) -> AppTest:
    page = AppTest.from_function(controls)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("scene", "Bay", "bay"),
        ("rows", "18", "19"),
        ("rows", "1", "many"),
        ("levels", ["0.1", "0.5"], ["0.1", "2.5"]),
        ("seed", "9", "-1"),
        ("views", "FALSE", "maybe"),
        ("panels", ["x", "y"], ["z"]),
        ("find", "whatever", None),
    ],
)
def test_a_value_that_is_not_offered_is_told_and_one_that_is_is_taken(
    name: str, good: str | list[str], bad: str | list[str] | None
) -> None:
    taken = opened(**{name: good})
    assert "lrs-unheard" not in html(taken)
    if bad is None:
        return
    refused = opened(**{name: bad})
    assert (bad if isinstance(bad, str) else bad[-1]) in html(refused)
    assert refused.session_state[name] == opened().session_state[name], "the usual value is shown"


def test_the_sentence_stays_until_the_control_is_moved() -> None:
    page = opened(scene="<b>nowhere</b>", rows="99")
    assert "&lt;b&gt;nowhere" in html(page)
    assert "nowhere" in html(page.run()), "the next run has no such parameter any more"
    page.selectbox[0].select("b").run()
    assert "nowhere" not in html(page)
    assert "99" in html(page)
    page.selectbox[0].select("a").run()
    assert "nowhere" not in html(page), "chosen by hand"


def test_the_sentence_stays_on_its_page() -> None:
    def page() -> None:
        import streamlit as st

        from ui.style.chrome import tell_unheard
        from ui.widgets.linked import heed_page, linked, unheard

        shown = st.radio("Page", ["one", "two"], key="page")
        heed_page(shown)
        if shown == "one":
            linked(st.slider, "Rows", 1, 18, 2, key="rows")
        tell_unheard(unheard())

    opened = AppTest.from_function(page)
    opened.query_params["rows"] = "99"
    assert "99" in html(opened.run())
    assert "99" in html(opened.run())
    assert "99" not in html(opened.radio[0].set_value("two").run())


def test_a_default_that_a_link_names_is_no_fault() -> None:
    assert "lrs-unheard" not in html(opened(scene="Avenue", rows="2", views="true", panels="x"))


def test_every_bound_control_is_drawn_by_it() -> None:
    found = [
        path
        for folder in ("ui", "pages")
        for path in Path(ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "bind"
    ]
    assert found == [ROOT / "ui" / "widgets" / "linked.py"]


def test_a_picture_that_is_not_there_is_told_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = AppTest.from_file(ROOT / "pages" / "main" / "segmentation.py", default_timeout=240)
    page.query_params["image_scene"] = "Nowhere street"
    page.run()
    assert set(page.session_state[_UNHEARD]) == {"image_scene"}
