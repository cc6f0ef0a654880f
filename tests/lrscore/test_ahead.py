"""Drawn ahead are the numbers of a plain loop, in its order, and none beyond."""

import pytest
import torch

from lrscore.ahead import Pace, drawn_ahead
from tests.lrscore.linear import seeded


@pytest.fixture(autouse=True, params=[1, 2])
def threads(request):
    """One thread draws in line, two draw ahead."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("times", [0, 1, 2, 7])
def test_numbers_and_the_state_afterwards_are_those_of_a_loop(times):
    ahead, plain = seeded(3), seeded(3)
    drawn = list(drawn_ahead(lambda: torch.randn(50, 40, generator=ahead), times, ahead))
    loop = [torch.randn(50, 40, generator=plain) for _ in range(times)]
    assert len(drawn) == times
    assert all(torch.equal(one, other) for one, other in zip(drawn, loop, strict=True))
    assert torch.equal(ahead.get_state(), plain.get_state())


def test_while_one_is_used_the_next_is_drawn(threads):
    """The second is asked for by nobody, and there all the same, unless one thread is all there is."""
    from threading import Event

    generator, drawn, started = seeded(0), [], Event()

    def draw():
        drawn.append(len(drawn))
        if len(drawn) == 2:
            started.set()
        return drawn[-1]

    coming = drawn_ahead(draw, 3, generator)
    assert next(coming) == 0
    assert started.wait(10) if threads > 1 else drawn == [0]
    assert list(coming) == [1, 2]


def test_a_caller_who_stops_leaves_no_thread_drawing(threads):
    generator = seeded(1)
    coming = drawn_ahead(lambda: torch.randn(10, generator=generator), 5, generator)
    next(coming)
    coming.close()
    before = generator.get_state()
    assert torch.equal(before, generator.get_state())
    plain = seeded(1)
    for _ in range(min(2, threads)):
        torch.randn(10, generator=plain)
    assert torch.equal(before, plain.get_state())  # one call further than what was used


def test_what_goes_wrong_while_drawing_reaches_the_caller():
    def fail():
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        list(drawn_ahead(fail, 3, seeded()))


def test_a_cpu_has_no_queue_to_wait_for():
    pace = Pace(torch.device("cpu"), passes=0)
    for _ in range(3):
        pace.passed()
