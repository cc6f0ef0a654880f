"""Both solvers of the comparison answer the same question: equal optimal values on small problems."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.graph_document import marks, write_part
from benchmarks.graph_milp import Task, by_branching, by_milp, table


def small_task(seed: int) -> Task:
    """40 nodes in four groups and four clusters; costs fall away from a group's own cluster."""
    rng = np.random.default_rng(seed)
    distance = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    weights = tuple(scale * rng.uniform(0.8, 1.2, (4, 4)) / (1 + distance) for scale in (2.0, 0.7))
    return Task((weights[0], weights[1]), rng.gamma(2.0, 1.5, 40), rng.integers(0, 4, 40))


@pytest.mark.parametrize("integer", [True, False])
@pytest.mark.parametrize("pair", [(1, 0), (2, 1), (0, 3), (3, 5)])
@pytest.mark.parametrize("seed", [0, 1])
def test_optimal_values_are_equal(seed: int, pair: tuple[int, int], integer: bool) -> None:
    task = small_task(seed)
    theirs = by_milp(task, pair, integer=integer, time_limit=60.0)
    ours = by_branching(task, pair, integer=integer, time_limit=60.0)
    assert theirs.status == ours.status == "optimal"
    assert theirs.proven == theirs.ceiling == ours.proven == ours.ceiling
    assert 0 <= ours.proven <= 40


def test_whole_allocations_make_a_difference_that_both_see() -> None:
    # The node needs one addition and half a deletion, and the budget has just that: whole units do not reach it.
    weights = np.array([[2.0]]), np.array([[0.7]])
    task = Task(weights, np.array([2.0 + 0.5 * 0.7]), np.array([0]))
    for solve in (by_milp, by_branching):
        assert solve(task, (1, 0.5), integer=True, time_limit=10.0).proven == 1
        assert solve(task, (1, 0.5), integer=False, time_limit=10.0).proven == 0


def test_infinite_costs_have_no_place_in_the_published_program() -> None:
    task = small_task(0)
    task = replace(task, weights=(np.full((4, 4), np.inf), task.weights[1]))
    with pytest.raises(ValueError, match="finite"):
        by_milp(task, (1, 0), integer=True, time_limit=1.0)


def test_stopped_searches_still_say_what_is_proven() -> None:
    task = small_task(2)
    for solve in (by_milp, by_branching):
        stopped = solve(task, (3, 5), integer=False, time_limit=0.0)
        exact = by_branching(task, (3, 5), integer=False, time_limit=60.0)
        assert 0 <= stopped.proven <= exact.proven == exact.ceiling <= stopped.ceiling <= 40


@pytest.mark.parametrize("integer", [True, False])
def test_the_table_has_a_row_for_every_pair(integer: bool) -> None:
    pairs = ((1, 0), (0, 2))
    lines = table("name", small_task(0), 5.0, pairs, integer=integer).splitlines()
    assert [line.split(" | ")[0] for line in lines[4:]] == ["| +1 -0", "| +0 -2"]
    proven = by_branching(small_task(0), (1, 0), integer=integer, time_limit=5.0).proven
    assert [cell.strip() for cell in lines[4].split("|")][2] == f"{proven} / {proven}"


def test_parts_of_the_document_are_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    begin, end = marks("milp")
    path = tmp_path / "results.md"
    path.write_text(f"# Before\n\n{begin}\n\nold\n\n{end}\n\nafter\n")
    for text in ("first", "second"):
        write_part(path, "milp", text)
    assert path.read_text() == f"# Before\n\n{begin}\n\nsecond\n\n{end}\n\nafter\n"
    with pytest.raises(ValueError, match="levers"):
        write_part(path, "levers", "nothing")
