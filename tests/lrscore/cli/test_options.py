"""Options are made from the settings: every option's default and type are those of its field."""

from __future__ import annotations

import argparse
from dataclasses import fields

import pytest

from lrscore.cli import certify_graph, certify_image
from lrscore.cli.image_options import image_settings
from lrscore.graphs.settings import GraphSettings
from lrscore.images.settings import ImageSettings


def parsed(command, *arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    return parser.parse_args(["source", *arguments])


def test_without_options_the_settings_are_the_defaults():
    assert image_settings(parsed(certify_image)) == ImageSettings()
    assert certify_graph.graph_settings(parsed(certify_graph)) == GraphSettings()


@pytest.mark.parametrize(
    ("command", "settings"), [(certify_image, ImageSettings), (certify_graph, GraphSettings)], ids=str
)
def test_every_field_with_an_option_has_one_of_its_default(command, settings):
    chosen = vars(parsed(command))
    described = [field for field in fields(settings) if field.metadata]
    assert len(described) >= 13
    for field in described:
        assert chosen[field.name] == field.default, field.name


def test_values_are_read_by_the_field_s_type():
    image = image_settings(
        parsed(certify_image, "--grid", "2x4", "--focus", "0.1,0.2", "--correction", "anytime", "--per-group")
    )
    assert (image.grid, image.focus, image.per_group) == ((2, 4), (0.1, 0.2), True)
    options = ("--flip-to-zero", "0.2:0.8", "--orders", "2,inf", "--scores", "votes", "--bins", "64")
    graph = certify_graph.graph_settings(parsed(certify_graph, *options))
    assert (graph.flip_to_zero, graph.orders, graph.scores, graph.bins) == (
        (0.2, 0.8),
        (2.0, float("inf")),
        "votes",
        64,
    )
