"""Every form in which Streamlit hands over what a clicked point carries."""

from __future__ import annotations

import pytest
import streamlit as st

from ui.charts.selection import read_values, selected_values


@pytest.mark.parametrize(
    "carried", [[3, 12], (3, 12), {"0": 3, "1": 12}, {0: 3, 1: 12}, {"1": 12, "0": 3}], ids=str
)
def test_lists_and_mappings_are_the_same_values(carried: object):
    assert read_values(carried) == (3, 12)


def test_more_than_ten_columns_keep_their_order():
    assert read_values({str(place): place for place in range(12)}) == tuple(range(12))


def test_bare_values_and_points_that_carry_nothing():
    assert read_values(7) == (7,)
    assert read_values("deletions") == ("deletions",)
    assert read_values(None) is None


@pytest.mark.parametrize("state", [None, {}, {"selection": {}}, {"selection": {"points": []}}], ids=str)
def test_no_selection_is_none(state: object, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(st, "session_state", {} if state is None else {"chart": state})
    assert selected_values("chart") is None
    chosen = {"chart": {"selection": {"points": [{"customdata": {"0": 1}}, {"customdata": [2]}]}}}
    monkeypatch.setattr(st, "session_state", chosen)
    assert selected_values("chart") == (1,)
