"""Trees and hedges. A crown is labelled as the outline one would draw around it, gaps between twigs included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.scenes.canvas import UP, Canvas, Panel, Shaded, Shader
from models.scenes.ids import TREE
from models.scenes.light import linear
from models.scenes.noise import fractal_tile, grain_tile, look_up, look_up_smooth

LEAVES = ((66, 92, 38), (84, 104, 48), (52, 80, 44), (96, 108, 44), (120, 100, 44), (44, 66, 38))
BARK = linear(84, 72, 62)


@dataclass(frozen=True)
class Tree:
    """Size in metres; `bare` trees show twigs and sky between them; `tone` indexes `LEAVES`."""

    height: float
    spread: float
    stem: float
    bare: bool
    conical: bool
    tone: int
    seed: int


def sample_tree(rng: np.random.Generator, *, bare: bool) -> Tree:
    """Draw a tree."""
    height = rng.uniform(4.5, 11)
    conical = not bare and rng.random() < 0.12
    return Tree(
        height=height,
        spread=height * (0.3 if conical else rng.uniform(0.55, 0.85)),
        stem=rng.uniform(0.2, 0.34),
        bare=bare,
        conical=conical,
        tone=int(rng.integers(len(LEAVES))),
        seed=int(rng.integers(1 << 20)),
    )


def draw_tree(canvas: Canvas, tree: Tree, position: np.ndarray, sun_share: float) -> None:
    """Draw a tree as an upright panel that faces the camera."""
    yaw = canvas.camera.yaw
    across = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    corner = position - across * tree.spread / 2
    shader = _bare(canvas, tree) if tree.bare else _leafy(canvas, tree, sun_share)
    canvas.draw_panel(Panel(corner, across, UP, tree.spread, tree.height), shader, bulge=tree.spread * 0.4)


def _outline(tree: Tree, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Crown coordinates (x, y in about [-1, 1]) and the squared radius relative to the crown's smooth outline."""
    foot = tree.stem * tree.height
    half = (tree.height - foot) / 2
    x, y = (u - tree.spread / 2) / (tree.spread / 2), (v - foot - half) / half
    if tree.conical:
        width = np.clip((1 - y) / 2, 0.02, 1)
        return x, y, (x / width) ** 2 * 0.9 + np.maximum(np.abs(y) - 0.9, 0) * 4
    return x, y, x * x * 1.1 + y * y


def _trunk(tree: Tree, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    thick = 0.028 * tree.height * (1.15 - 0.6 * v / tree.height)
    lean = 0.04 * tree.spread * np.sin(v * 0.7 + tree.seed % 7)
    return (np.abs(u - tree.spread / 2 - lean) < thick / 2) & (v < tree.height * 0.62)


def _leafy(canvas: Canvas, tree: Tree, sun_share: float) -> Shader:
    sun = canvas.light.to_sun
    yaw = canvas.camera.yaw
    side = float(sun[0] * np.cos(yaw) - sun[2] * np.sin(yaw))
    ambient, full = canvas.light.ambient, canvas.light.sun * sun_share
    leaf = linear(*LEAVES[tree.tone])

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        x, y, radius = _outline(tree, u, v)
        shift, scale = tree.seed % 512, 26.0
        clump = look_up_smooth(fractal_tile(), u * scale + shift, v * scale)
        lifted = look_up_smooth(fractal_tile(), u * scale + shift - side * 9, v * scale + 9)
        fine = look_up(grain_tile(), u * 30 + shift, v * 30)
        crown = radius + 0.2 * clump + 0.09 * fine < 0.86
        relief = np.clip(0.5 + 0.3 * (clump - lifted) + 0.22 * fine, 0.05, 1.5)
        form = np.clip(0.42 + 0.3 * side * x + 0.4 * y, 0.05, 1.0)
        light = (
            ambient * (0.45 + 0.3 * y + 0.25 * relief)[:, None].clip(0.12) + full * (form * relief)[:, None]
        )
        colour = leaf * (1 + 0.12 * fine)[:, None] * light
        bark = (
            BARK * (ambient * 0.6 + full * 0.3) * (1 + 0.2 * look_up(grain_tile(), u * 60, v * 12))[:, None]
        )
        trunk = _trunk(tree, u, v)
        there = crown | trunk
        return Shaded(np.where(crown[:, None], colour, bark), TREE, np.where(there, 1.0, -1.0))

    return shade


def _bare(canvas: Canvas, tree: Tree) -> Shader:
    ambient, sun = canvas.light.ambient, canvas.light.sun

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        x, y, radius = _outline(tree, u, v)
        shift = tree.seed % 512
        clump = look_up_smooth(fractal_tile(), u * 24 + shift, v * 24)
        crown = radius + 0.16 * clump < 0.88
        rise, turn = np.sqrt(x * x + (y + 1.05) ** 2), np.arctan2(x, y + 1.05)
        fork = look_up_smooth(fractal_tile(), rise * 40 + shift, turn * 20)
        limbs = np.abs(((turn + 0.07 * fork) * 4.2) % 1 - 0.5) < 0.12 * (1.25 - 0.5 * rise)
        twigs = look_up(grain_tile(), turn * 150 + shift, rise * 26 + 8 * fork) > -0.15 + 0.5 * radius
        cover = np.where(limbs, 0.9, np.where(twigs, 0.72, 0.2))
        trunk = _trunk(tree, u, v)
        cover = np.where(trunk, 1.0, np.where(crown, cover, -1.0))
        tone = 0.8 + 0.25 * look_up(grain_tile(), u * 30, v * 30)
        colour = BARK * tone[:, None].clip(0.3) * (ambient * 0.6 + sun * 0.22)
        return Shaded(colour, TREE, cover)

    return shade


def hedge(canvas: Canvas, irradiance: np.ndarray, tone: int, height: float) -> Shader:
    """Shader of a hedge's or shrubbery's street side with an uneven top, for a panel of this height."""

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        clump = look_up_smooth(fractal_tile(), u * 24 + tone * 90, v * 24)
        fine = look_up(grain_tile(), u * 34, v * 34 + tone * 50)
        top = height * 0.82 + 0.09 * height * clump
        shading = np.clip(0.55 + 0.2 * clump + 0.22 * fine, 0.1, 1.4) * (0.55 + 0.45 * v / height)
        colour = linear(*LEAVES[tone]) * shading[:, None] * irradiance * 1.3
        return Shaded(colour, TREE, np.where(v < top, 1.0, -1.0))

    return shade
