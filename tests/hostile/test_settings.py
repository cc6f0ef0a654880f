"""Settings as files, links, forms and studies give them: any field with any value is taken, or refused in one short
sentence, and what is taken can be counted with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest

from lrscore import GraphSettings, ImageSettings
from lrscore.settings import SamplingSettings
from tests.hostile.certificates import ODD
from tests.hostile.fields import VIEWS
from tests.hostile.surface import Tally

HUGE = 10**399  # more than a float holds
NUMBERS = (HUGE, -HUGE, 1 << 63, 1e-320, 1e308, -0.0, float("-inf"))
SHAPES: tuple[object, ...] = (
    (HUGE,), [HUGE, HUGE], [[HUGE, HUGE]] * 2, [[[HUGE]], [[HUGE]]], [[0, HUGE], [None, 0.2]], [[HUGE, 0.1], [None, 1]],
    ((0, -1), (1, 1)), [float("nan")] * 2, [1 << 63] * 2, "1" * 500, {"a": HUGE}, [["a"]], [None], [True, False],
)  # fmt: skip


@pytest.mark.parametrize("kind", [ImageSettings, GraphSettings])
def test_any_value_of_any_setting_is_taken_or_refused_in_a_sentence(
    kind: type[SamplingSettings], surface: Callable[[str], Tally]
):
    tally = surface("values of settings")

    def make(name: str, value: object) -> None:
        settings = kind(**{name: value})
        settings.plan(1_000)
        if isinstance(settings, ImageSettings):
            settings.noise_levels()
            assert len(settings.levels_in_words()) < 1_000

    for one in fields(kind):
        for value in (*ODD, *NUMBERS, *SHAPES, *(VIEWS if one.name == "views" else ())):
            tally.attempt(f"{one.name} {value!r:.60}", lambda name=one.name, value=value: make(name, value))
    assert not tally.bad, "\n".join(tally.bad)
    assert tally.refused > tally.accepted > 5
