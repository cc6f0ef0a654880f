"""What reports say of settings and samples, by the words of each kind."""

from __future__ import annotations

from tests.ui.graphs.toy_certificate import toy_certificate as graph_certificate
from tests.ui.toy import toy_certificate
from ui.certification.export import report_settings


def test_samples_are_counted_by_region_of_a_picture_and_by_cluster_of_a_graph():
    for certificate, place in ((toy_certificate(samples=64), "region"), (graph_certificate(), "cluster")):
        told = dict(report_settings(certificate))
        assert str(told["samples counted"]).endswith(f"per {place}")
        assert told["alpha"] == certificate.settings.alpha
        assert told["seed"] == certificate.provenance["seed"]
        assert None not in told.values()
