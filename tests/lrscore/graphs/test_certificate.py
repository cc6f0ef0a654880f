"""The graph certificate from counts: radii, budgets, files, verification, streaming."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lrscore.errors import Cancelled, CertificateError, InputError
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.certify import certify_graph, stream_graph
from lrscore.graphs.settings import GraphSettings
from lrscore.graphs.verify import check_graph
from lrscore.noise.flips import flip_weights
from lrscore.records import read_record
from tests.lrscore.graphs.toy_graph import CLUSTERS, NODES, ToyModel, graph

NOISE = {"flip_to_one": (0.3, 0.4), "flip_to_zero": (0.3, 0.5)}


def certified(seed: int = 0, **more) -> GraphCertificate:
    settings = GraphSettings(
        partition=CLUSTERS, **{**NOISE, "samples": 600, "pilot_samples": 64, "batch_size": 64, **more}
    )
    return certify_graph(ToyModel(), graph(), settings, generator=torch.Generator().manual_seed(seed))


def with_counts(agreements: list[int], trials: int, **more) -> GraphCertificate:
    """A certificate on votes with counts of our own making; all labels are 0."""
    settings = GraphSettings(
        partition=CLUSTERS, scores="votes", samples=trials, pilot_samples=8, **{**NOISE, **more}
    )
    won = np.array(agreements)
    return GraphCertificate(
        settings=settings,
        edges=np.array([[0, 1, 3], [1, 2, 4]]),
        clusters=np.array(CLUSTERS),
        labels=np.zeros(NODES, dtype=np.int64),
        pilot_scores=np.tile(np.array([1.0, 0.0], dtype=np.float32), (NODES, 1)),
        pilot=np.tile([0, 8], (NODES, 1)),
        counts=np.stack([trials - won, won], axis=1),
        trials=np.array([trials, trials]),
    )


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"margins": True},
        {"bound": "bernstein"},
        {"scores": "votes"},
        {"correction": "weighted-bonferroni"},
    ],
)
def test_file_round_trip_and_verification(more, tmp_path):
    certificate = certified(**more).with_reference(np.array([0, 1, 2, 0, 1, -1]))
    certificate.save(tmp_path / "graph.nc")
    record = read_record(tmp_path / "graph.nc")
    loaded = GraphCertificate.from_record(record)
    assert loaded.settings == certificate.settings
    for name in (
        "labels",
        "pilot",
        "counts",
        "trials",
        "clusters",
        "thresholds",
        "probabilities",
        "groups",
        "radii",
    ):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(certificate, name))
    np.testing.assert_array_equal(loaded.reference, [0, 1, 2, 0, 1, -1])
    np.testing.assert_array_equal(loaded.display.ones, np.nonzero(graph().x.numpy()))
    assert len(check_graph(record, loaded)) == 4


@pytest.mark.parametrize(
    ("array", "change", "text"),
    [
        ("thresholds", lambda a: a * 1.001 + 1e-6, "threshold"),
        ("probabilities", lambda a: a + 1e-4, "bound"),
        ("weights", lambda a: a * 0.999, "lower than its noise"),
        ("ranks", lambda a: a[::-1], "ranks"),
        ("noise_levels", lambda a: a * 0.99, "noise levels"),
        ("groups", lambda a: a[::-1], "another cluster"),
    ],
)
@pytest.mark.parametrize("scores", ["soft", "votes"])
def test_verification_refuses_what_the_counts_do_not_give(array, change, text, scores):
    # few samples: a mean and its threshold stay well inside their ranges
    certificate = with_counts([95, 90, 80, 70, 100, 60], 100) if scores == "votes" else certified()
    record = certificate.to_record()
    assert len(check_graph(record, certificate)) == 4
    arrays = {**record.arrays, array: change(np.array(record.arrays[array]))}
    with pytest.raises(CertificateError, match=text):
        check_graph(replace(record, arrays=arrays), certificate)


def test_counts_that_do_not_belong_together_are_refused():
    certificate = certified()
    with pytest.raises(InputError, match="labels"):
        replace(certificate, labels=(certificate.labels + 1) % 3).check_counts()
    with pytest.raises(InputError, match="counts"):
        replace(certificate, counts=certificate.counts + 1).check_counts()
    with pytest.raises(InputError, match="clusters"):
        replace(certificate, clusters=np.array([0, 0, 0, 3, 3, 3])).check_counts()
    with pytest.raises(InputError, match="edges"):
        replace(certificate, edges=certificate.edges + NODES).check_counts()


def test_radius_is_the_largest_count_that_is_certified_alone():
    certificate = with_counts([100_000, 99_990, 99_000, 90_000, 60_000, 10_000], 100_000)
    for kind, budget in ((0, lambda count: (count, 0)), (1, lambda count: (0, count))):
        radii = certificate.radii[:, kind]
        for node in range(NODES):
            assert certificate.certified_mask(*budget(int(radii[node])))[node] == (
                not certificate.abstained[node]
            )
            assert not certificate.certified_mask(*budget(int(radii[node]) + 1))[node]
    assert (np.diff(certificate.radii, axis=0)[[0, 1, 3, 4]] <= 0).all()
    assert certificate.abstained.tolist() == [False] * 5 + [True]


def test_order_two_alone_is_the_classical_threshold():
    certificate = with_counts([990] * NODES, 1000, orders=(2.0,))
    share = certificate.probabilities[0]
    assert certificate.thresholds[0] == pytest.approx(np.log1p((share - 0.5) ** 2 / (share * (1 - share))))
    added, deleted = flip_weights(np.array(0.3), np.array(0.3))
    assert certificate.weights[0][0, 0] == pytest.approx(float(added), rel=1e-6)
    assert certificate.weights[1][0, 0] == pytest.approx(float(deleted), rel=1e-6)


def test_more_orders_never_shrink_a_radius_and_exact_shares_need_none():
    agreements = [100_000, 99_990, 99_000, 90_000, 60_000, 10_000]
    few, many = with_counts(agreements, 100_000, orders=(2.0,)), with_counts(agreements, 100_000)
    assert (many.bounds.radii() >= few.bounds.radii()).all()
    assert (many.bounds.radii() > few.bounds.radii()).any()
    assert (many.radii >= many.bounds.radii()).all()
    assert (many.radii > many.bounds.radii()).any()
    np.testing.assert_array_equal(many.radii, few.radii)


def test_beyond_the_largest_budgets_nothing_is_certified():
    certificate = with_counts([100_000, 99_990, 99_000, 90_000, 60_000, 10_000], 100_000)
    additions, deletions = certificate.largest_budgets()
    beyond = np.array([[additions, 0], [0, deletions]], dtype=np.float64)
    for method in ("naive", "paper", "envelope"):
        assert certificate.collective(beyond, method).certified.tolist() == [0, 0]
    assert (certificate.collective(beyond // 2).certified > 0).all()
    budgets = certificate.default_budgets()
    assert budgets[0].tolist() == [0, 0]
    assert budgets[-1].tolist() == [additions, deletions]
    assert certificate.collective(budgets).certified[0] == 5


@pytest.mark.parametrize("flip_to_zero", [(0.1, 0.9), (0.6, 0.95)])
def test_budgets_of_exact_counts_go_as_far_as_those_certify(flip_to_zero: tuple[float, float]):
    counts = [100_000, 99_990, 99_000, 90_000, 60_000, 10_000]
    certificate = with_counts(counts, 100_000, flip_to_zero=flip_to_zero)
    additions, deletions = certificate.largest_budgets("exact")
    assert (np.array([additions, deletions]) >= certificate.largest_budgets()).all()
    beyond = np.array([[additions, 0], [0, deletions]], dtype=np.float64)
    assert certificate.collective(beyond, "exact").certified.tolist() == [0, 0]
    within = beyond // 2
    assert (certificate.collective(within, "exact").certified > 0).all()
    assert certificate.default_budgets("exact")[-1].tolist() == [additions, deletions]


def test_no_addition_is_certified_where_zeros_stay_zero():
    certificate = with_counts([1000] * NODES, 1000, flip_to_one=(0.0, 0.0))
    assert (certificate.radii[:, 0] == 0).all()
    assert (certificate.radii[:, 1] > 0).all()
    counts = certificate.collective(np.array([[0, 0], [1, 0], [0, 1]])).certified
    assert counts[0] == NODES
    assert counts[1] < NODES
    assert counts[2] == NODES
    assert not certificate.certified_mask(1, 0).any()
    assert certificate.certified_mask(0, 1).all()


def test_count_level_correction_is_subtracted():
    certificate = with_counts([990] * NODES, 1000, correction="count-level", tolerated=3)
    assert certificate.collective(np.zeros((1, 2))).certified.tolist() == [NODES - 2]


def test_targets_and_reference():
    certificate = with_counts([990] * NODES, 1000).with_reference(np.array([0, 0, 1, -1, 0, 2]))
    assert certificate.correct().tolist() == [True, True, False, False, True, False]
    assert certificate.collective(np.zeros((1, 2)), targets=certificate.correct()).certified.tolist() == [3]
    with pytest.raises(InputError, match="targets must mark 6 nodes"):
        certificate.collective(np.zeros((1, 2)), targets=np.ones(5, dtype=bool))
    with pytest.raises(InputError, match="no reference"):
        with_counts([990] * NODES, 1000).correct()


def test_same_seed_same_counts_and_one_matrix_for_sampler_and_certificate():
    first, second, other = certified(), certified(), certified(seed=1)
    np.testing.assert_array_equal(first.counts, second.counts)
    assert (first.counts != other.counts).any()
    np.testing.assert_array_equal(first.noise_levels, first.settings.noise_levels(first.ranks))


def test_stream_shows_every_look_and_progress_counts_copies():
    settings = GraphSettings(
        partition=CLUSTERS, **NOISE, samples=256, pilot_samples=16, batch_size=16, correction="anytime"
    )
    seen: list[tuple[int, int]] = []
    stream = stream_graph(
        ToyModel(),
        graph(),
        settings,
        generator=torch.Generator().manual_seed(0),
        progress=lambda done, total: seen.append((done, total)),
    )
    trials = [certificate.trials.tolist() for certificate in stream]
    first, *others = settings.plan(NODES).looks
    assert trials == [[first, 0], [first, first], *([look, look] for look in others)]
    assert others
    assert seen[-1] == (2 * (16 + 256), 2 * (16 + 256))


BEGINNINGS = [
    {"correction": "anytime"},
    {"correction": "anytime", "margins": True},
    {"correction": "anytime", "scores": "votes"},
    {"correction": "mixture"},
]


def beginning(**more) -> GraphCertificate:
    """The first certificate of a stream: cluster 0 is sampled, cluster 1 waits."""
    settings = GraphSettings(
        partition=CLUSTERS, **NOISE, samples=4096, pilot_samples=64, batch_size=64, **more
    )
    return next(stream_graph(ToyModel(), graph(), settings, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("more", BEGINNINGS)
def test_a_cluster_that_waits_claims_nothing_and_the_file_says_so(more, tmp_path):
    certificate = beginning(**more)
    waits = np.array(CLUSTERS) == 1
    np.testing.assert_array_equal(certificate.sampled, ~waits)
    assert (certificate.thresholds[waits] == 0).all()
    assert (certificate.probabilities[waits] == 0).all()
    assert certificate.abstained[waits].all()
    assert (certificate.radii[waits] == 0).all()
    assert certificate.collective(np.zeros((1, 2))).certified.tolist() == [(~certificate.abstained).sum()]
    certificate.save(tmp_path / "beginning.nc")
    record = read_record(tmp_path / "beginning.nc")
    loaded = GraphCertificate.from_record(record)
    assert len(check_graph(record, loaded)) == 4
    for name in ("thresholds", "probabilities"):
        forged = {**record.arrays, name: np.where(waits, 0.01, record.arrays[name])}
        with pytest.raises(CertificateError):
            check_graph(replace(record, arrays=forged), loaded)


@pytest.mark.parametrize("more", BEGINNINGS)
def test_counts_of_a_cluster_that_waits_can_not_be_made_up(more):
    """Counts that cancel add up to no samples; with them the nodes would stand as if every score had been 1."""
    certificate = beginning(**more)
    waits = np.array(CLUSTERS) == 1
    counts = certificate.counts.copy()
    counts[waits, ..., 0], counts[waits, ..., -1] = -4096, 4096
    forged = replace(certificate, counts=counts)
    with pytest.raises(InputError, match="counts"):
        forged.check_counts()
    assert (forged.thresholds[waits] == 0).all()
    pilot = certificate.pilot.copy()
    pilot[waits, ..., 0], pilot[waits, ..., -1] = -64, 64
    with pytest.raises(InputError, match="pilot"):
        replace(certificate, pilot=pilot).check_counts()


def test_a_sampled_cluster_proves_at_its_first_look_what_it_proves_when_all_have_had_theirs():
    settings = GraphSettings(
        partition=CLUSTERS, **NOISE, samples=4096, pilot_samples=64, batch_size=64, correction="anytime"
    )
    stream = stream_graph(ToyModel(), graph(), settings, generator=torch.Generator().manual_seed(0))
    first, both = next(stream), next(stream)
    np.testing.assert_array_equal(both.thresholds[first.sampled], first.thresholds[first.sampled])
    np.testing.assert_array_equal(both.labels[first.sampled], first.labels[first.sampled])
    assert both.sampled.all()


def test_only_streams_may_leave_clusters_waiting():
    certificate = beginning(correction="anytime")
    certificate.check_counts()
    with pytest.raises(InputError, match="trials"):
        replace(certificate, settings=replace(certificate.settings, correction="bonferroni")).check_counts()
    nothing = {name: np.zeros_like(getattr(certificate, name)) for name in ("counts", "trials", "pilot")}
    with pytest.raises(InputError, match="trials"):
        replace(certificate, **nothing).check_counts()
    with pytest.raises(InputError, match="pilot"):
        replace(certificate, pilot=np.zeros_like(certificate.pilot)).check_counts()


def test_cancel_stops_between_batches():
    with pytest.raises(Cancelled):
        certify_graph(
            ToyModel(),
            graph(),
            GraphSettings(partition=CLUSTERS),
            generator=torch.Generator(),
            cancel=lambda: True,
        )


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (lambda x, edges: x @ torch.ones(7, 2), "the model cannot take 2 attributes"),
        (lambda x, edges: torch.ones(3, 2), r"must return \(nodes, classes\)"),
        (lambda x, edges: torch.full((x.shape[0], 2), 3.0), "probabilities"),
        (lambda x, edges: torch.full((x.shape[0], 2), float("nan")), "probabilities"),
        (lambda x, edges: torch.ones(x.shape[0], 2), "adding up to 1"),
        (lambda x, edges: "scores", "must return"),
    ],
)
def test_models_that_do_not_fit_are_named(model, text):
    with pytest.raises(InputError, match=text):
        certify_graph(model, graph(), GraphSettings(clusters=1), generator=torch.Generator())


def test_graphs_that_do_not_fit_are_named():
    broken = graph()
    broken.x = broken.x * 0.5
    with pytest.raises(InputError, match="binary"):
        certify_graph(ToyModel(), broken, GraphSettings(clusters=1), generator=torch.Generator())
    broken = graph()
    broken.edge_index = broken.edge_index + 10
    with pytest.raises(InputError, match="must name nodes 0 to 5"):
        certify_graph(ToyModel(), broken, GraphSettings(clusters=1), generator=torch.Generator())
    with pytest.raises(InputError, match="must have node attributes"):
        certify_graph(ToyModel(), object(), GraphSettings(clusters=1), generator=torch.Generator())


def test_sparse_and_dense_models_see_the_same_samples():
    class Sparse(ToyModel):
        sparse_input = True

        def __call__(self, x, edge_index):
            assert x.layout == torch.sparse_csr
            return super().__call__(x.to_dense(), edge_index)

    settings = GraphSettings(partition=CLUSTERS, **NOISE, samples=64, pilot_samples=16, batch_size=16)
    sparse, dense = (
        certify_graph(model, graph(), settings, generator=torch.Generator().manual_seed(0))
        for model in (Sparse(), ToyModel())
    )
    np.testing.assert_array_equal(sparse.counts, dense.counts)
