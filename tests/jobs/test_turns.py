"""Turns between owners, by a slow definition: whoever was served longest ago comes next."""

from __future__ import annotations

import random

from jobs.job import Job
from jobs.turns import Turns


def job(owner: str, number: int = 0, seconds: float = 0.0) -> Job:
    return Job(f"{owner}{number}", owner, "", "cpu", None, seconds)


def taken(turns: Turns) -> list[str]:
    return [turns.take().identity for _ in iter(lambda: bool(turns), False)]


def test_four_runs_of_one_owner_do_not_stand_before_everybody():
    turns = Turns()
    for number in range(4):
        turns.append(job("a", number))
    turns.append(job("b"))
    turns.append(job("c"))
    assert [one.identity for one in turns.order()] == ["a0", "b0", "c0", "a1", "a2", "a3"]
    assert taken(turns) == ["a0", "b0", "c0", "a1", "a2", "a3"]


def test_who_was_served_last_waits_for_who_comes_later():
    turns = Turns()
    turns.append(job("a", 0))
    turns.append(job("c", 0))
    assert turns.take().identity == "a0"
    turns.append(job("a", 1))
    turns.append(job("b", 0))
    assert taken(turns) == ["c0", "b0", "a1"]


def test_nobody_is_overtaken_twice_by_one_owner():
    rng = random.Random(0)
    for _ in range(200):
        turns, waiting, passed = Turns(), [], {}
        for number in range(30):
            if waiting and rng.random() < 0.5:
                expected = turns.order()[0]
                served = turns.take()
                assert served is expected
                waiting.remove(served)
                first = {one.owner: one for one in reversed(waiting)}  # the first of every owner
                for owner, one in first.items():
                    if owner != served.owner:
                        by = passed.setdefault(one.identity, [])
                        by.append(served.owner)
                        assert by.count(served.owner) <= 1, (
                            "served twice while another owner waited for the first turn"
                        )
            else:
                one = job(rng.choice("abc"), number)
                turns.append(one)
                waiting.append(one)
