"""Page keys on a stage move the budget along the slider's own steps."""

from __future__ import annotations

import pytest

from lrscore.images.radius import slider_step
from ui.images.compact import turned
from ui.images.curves import step_for


@pytest.mark.parametrize("largest", [0.3, 0.5, 1.04, 2.0, 7.5])
def test_turns_stay_on_the_usual_steps_and_cross_the_range(largest: float):
    budget, turns = 0.0, 0
    while budget < largest:
        after = turned(budget, 1, largest)
        assert after > budget
        if after < largest:
            assert step_for(largest, after) == slider_step(largest), "another step is another slider"
            assert turned(after, -1, largest) == pytest.approx(budget)
        budget, turns = after, turns + 1
    assert 15 <= turns <= 41
    assert turned(0.0, -1, largest) == 0.0
    assert turned(largest, 1, largest) == largest
