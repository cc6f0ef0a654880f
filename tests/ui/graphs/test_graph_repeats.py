"""Other seeds of a graph: each is certified as a run of its own, and counted at the budgets on screen."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from jobs import JobManager
from lrscore.collective import Limits
from lrscore.files import load_certificate
from lrscore.graphs.certify import certify_graph
from models.graphs.registry import bundled_certificate, load_graph, load_graph_model
from ui.certification.repeats import RepeatStore, repeat_work
from ui.graphs.repeats import about_the_same, proven_like, repeat_run
from ui.graphs.sources import graph_pacemaker, graph_shelf, source_of_name

MODEL = "village-appnp"


@pytest.fixture(scope="module")
def village():
    stored = load_certificate(bundled_certificate("village"))
    settings = replace(stored.settings, pilot_samples=20, samples=60, clusters=3)
    data = load_graph("village")
    made = certify_graph(
        load_graph_model(MODEL), data, settings, generator=torch.Generator().manual_seed(0)
    ).with_reference(data.y.numpy())
    return replace(made, display=stored.display)


def test_a_repeat_is_a_run_with_that_seed_counted_as_on_screen(village):
    source = source_of_name("village", village)
    assert about_the_same(village, source, MODEL)
    assert not about_the_same(village, source, "village-gcn")
    assert not about_the_same(replace(village, edges=village.edges[:, ::-1]), source, MODEL)
    store, key = RepeatStore(), ("village",)
    run = partial(repeat_run, village, source, MODEL, graph_shelf(), graph_pacemaker())
    manager = JobManager()
    work = repeat_work(village, (5,), run, lambda repeat: store.add(key, repeat))
    identity = manager.submit(work, owner="a", title="seeds")
    assert manager.wait(identity, 120)
    assert manager.close(10)
    (found,) = store.found(key)
    assert found.seed == 5
    alone = certify_graph(
        load_graph_model(MODEL),
        load_graph("village"),
        found.certificate.settings,
        generator=torch.Generator().manual_seed(5),
    )
    assert np.array_equal(found.certificate.counts, alone.counts)
    assert not np.array_equal(found.certificate.counts, village.counts)
    known = village.reference >= 0
    nodes = {
        "all": np.ones(village.nodes, dtype=bool),
        "correct": known & (alone.labels == village.reference),
        "unseen": known & (alone.labels == village.reference) & ~village.display.training,
    }
    budgets, limits = (0, 2), Limits(node_limit=10)
    for count, chosen in nodes.items():
        exact = alone.collective(np.array([budgets], dtype=float), "exact", chosen, limits=limits)
        single = (alone.certified_mask(*budgets) & chosen).sum()
        expected = max(int(exact.certified[0]), int(single))
        assert proven_like(village, count, budgets, found.certificate) == expected
    assert len({proven_like(village, count, budgets, found.certificate) for count in nodes}) == 3
