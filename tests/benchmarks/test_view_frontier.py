"""A setting is chosen on one half of the drive and told of the other, only where it reaches the floor."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.view_frontier import ISOTROPIC, at_floor, compared, halves_of, report, scenes, study

FIRST, SECOND = ["a0", "a1", "a2", "a3"], ["b0", "b1", "b2"]
VIEWS = "views 1:2:4"


HALVES = [[f"camvid:train:{name}" for name in half] for half in (FIRST, SECOND)]


def row(picture: str, setting: str, right: int, radius: float, **more: Any) -> dict[str, Any]:
    """A picture of two classes, 50 pixels each, of which so many are right in either class."""
    counts = {"hit": [right, right], "true": [50, 50], "predicted": [50, 50]}
    told = {"status": "done", "seed": 0, "passes": 10, "labelled": 100, "radius_envelope": radius}
    return {"picture": f"camvid:train:{picture}", "setting": setting} | counts | told | more


def rows() -> list[dict[str, Any]]:
    found = []
    for names, bold in ((FIRST, 48), (SECOND, 30)):  # the bold setting is accurate on the first half alone
        for place, name in enumerate(names):
            found += [row(name, f"{ISOTROPIC} 0.1", 48, 0.2 + place / 100)]
            found += [row(name, f"{VIEWS} 0.1", 48, 0.3 + place / 100), row(name, f"{VIEWS} 0.4", bold, 1.0)]
    return found


def test_each_half_is_told_under_what_the_other_one_chose():
    found = at_floor(halves_of(rows(), HALVES), VIEWS, 0.8)
    assert found.settings == (f"{VIEWS} 0.1", f"{VIEWS} 0.4")
    radii = {one["picture"][-2:]: one["radius_envelope"] for one in found.rows}
    expected = {"a0": 0.3, "a1": 0.31, "a2": 0.32, "a3": 0.33, "b0": 1.0, "b1": 1.0, "b2": 1.0}
    assert radii == pytest.approx(expected)


def test_a_floor_that_one_half_does_not_reach_is_not_reached():
    found = at_floor(halves_of(rows(), HALVES), VIEWS, 0.95)
    assert found.settings == (None, None)
    assert found.worth is None


def test_pictures_that_lack_a_setting_are_left_out_and_pairs_are_pictures():
    kept = [one for one in rows() if (one["picture"][-2:], one["setting"]) != ("a3", f"{ISOTROPIC} 0.1")]
    parts = halves_of(kept, HALVES)
    assert {len(own) for own in parts[0].values()} == {3}
    found = compared(at_floor(parts, ISOTROPIC, 0.5), at_floor(parts, VIEWS, 0.5))
    assert found.differences.size == 6
    assert found.larger == 6


def test_the_report_has_a_line_for_every_floor_that_isotropic_smoothing_reaches():
    text, table = report(rows(), HALVES)
    lines = [line for line in text.splitlines() if line.startswith("| 0.")]
    assert lines[0].startswith("| 0.26 | 0.213 (level 0.1) | 1.000 (level 0.4)")
    assert "+370%, larger on 7 of 7" in lines[0]
    assert "not reached" in lines[0], "nobody measured the other pyramid"
    assert [line[1] for line in table[1:]] == [7, 7, 7]


def test_every_method_is_charged_the_same_passes_on_scenes_of_both_halves():
    found = study(scenes(), "scenes", 5)
    first, second = scenes()
    assert not set(first) & set(second)
    assert found.data == (first[0], second[0], first[1], second[1], first[2])
    for setting in found.settings:
        drawn = setting.values.samples + setting.values.pilot_samples
        charge = {"street-isotropic": 1.0, "street-views": 1.15, "street-two-view": 1.5}[setting.model]
        assert charge * drawn == pytest.approx(1024, rel=0.002), setting.name
