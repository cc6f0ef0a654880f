"""Labels that are groups of classes: their names, and a look of their own beside the classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrscore.class_tree import ClassTree
from lrscore.images.certificate import ImageCertificate
from ui.components.viewer.layers import NOTHING, StylesLayer
from ui.style.palette import Pattern, Style

GROUPS_LAYER = "groups of classes"
_PATTERNS: tuple[Pattern, ...] = ("diagonal", "cross", "horizontal", "dots")
_GREY = (128, 128, 128)


def node_names(certificate: ImageCertificate) -> tuple[str, ...] | None:
    """Names of what `label_numbers` hold; None where classes have no names."""
    tree = tree_of(certificate)
    if tree is None:
        return certificate.class_names or None
    return tree.node_names(certificate.class_names)


def label_numbers(certificate: ImageCertificate) -> np.ndarray:
    """(H, W) the label of every pixel: class, or node of the tree; 255 before its region was sampled."""
    chosen = certificate.chosen
    labels = certificate.labels if chosen is None else chosen.nodes.reshape(certificate.shape)
    return np.where(certificate.sampled, labels, NOTHING)


def tree_of(certificate: ImageCertificate) -> ClassTree | None:
    """The tree of classes that its labels are nodes of, or None."""
    return None if certificate.chosen is None else certificate.chosen.tree


def label_name(certificate: ImageCertificate, row: int, column: int) -> str | None:
    """Name of the group that a pixel has as label; None where it has a class."""
    tree = tree_of(certificate)
    if tree is None or not certificate.coarse[row, column]:
        return None
    assert certificate.chosen is not None
    node = int(certificate.chosen.nodes.reshape(certificate.shape)[row, column])
    return tree.names[node - tree.classes]


def group_sentence(
    certificate: ImageCertificate, row: int, column: int, votes: Sequence[tuple[str, int]]
) -> str:
    """What a group as label says, and what it leaves open; empty where the label is a class.

    Args:
        votes: pilot votes of the pixel by class name, most first.
    """
    name, tree = label_name(certificate, row, column), tree_of(certificate)
    if name is None or tree is None:
        return ""
    assert certificate.chosen is not None
    node = int(certificate.chosen.nodes.reshape(certificate.shape)[row, column])
    names = tree.node_names(certificate.class_names)
    inside = [names[number] for number in np.flatnonzero(tree.holds[node])]
    seen = [f"{one} {count}" for one, count in votes if one in inside]
    open_ = " or ".join([", ".join(inside[:-1]), inside[-1]])
    asked = "" if certificate.abstained[row, column] else f"{name.capitalize()}: certain. "
    return f"{asked}{open_.capitalize()}: not certain enough (pilot votes: {', '.join(seen) or 'none'}). "


def groups_layer(certificate: ImageCertificate, palette: np.ndarray | None) -> StylesLayer | None:
    """The groups that occur, each in the mean colour of its classes under a pattern that no class has.

    Args:
        palette: (classes, 3) uint8 colours of the classes; None for grey.
    """
    tree = tree_of(certificate)
    if tree is None or not (certificate.coarse & certificate.sampled).any():
        return None
    styles = tuple(
        group_style(name, members, certificate, palette, place)
        for place, (name, members) in enumerate(zip(tree.names, tree.members, strict=True))
    )
    numbers = np.where(
        certificate.coarse & certificate.sampled, label_numbers(certificate) - tree.classes, NOTHING
    )
    return StylesLayer(GROUPS_LAYER, numbers, styles)


def group_style(
    name: str, members: Sequence[int], certificate: ImageCertificate, palette: np.ndarray | None, place: int
) -> Style:
    """The look of one group, which the legend explains by its classes."""
    colour = _GREY if palette is None else tuple(np.rint(palette[list(members)].mean(axis=0)).astype(int))
    tree = tree_of(certificate)
    assert tree is not None
    names = tree.node_names(certificate.class_names)
    fill = "#{:02x}{:02x}{:02x}".format(*colour)
    ink = "#ffffff" if sum(colour) < 384 else "#202024"
    listed = ", ".join(names[number] for number in members)
    return Style(f"{name}: {listed}", fill, fill, _PATTERNS[place % len(_PATTERNS)], ink, ink)
