"""Names and costs of the bundled segmentation models, for those who must not load torch to know them."""

from __future__ import annotations

from pathlib import Path

from lrscore.provenance import digest_of_file

DEFAULT_MODEL = "street-unet"
TWO_VIEW_MODEL = "street-two-view"
ISOTROPIC_MODEL = "street-isotropic"
VIEWS_MODEL = "street-views"

_CHECKPOINTS = Path(__file__).resolve().parents[1] / "checkpoints"
WEIGHTS = {
    DEFAULT_MODEL: _CHECKPOINTS / "street_unet.safetensors",
    TWO_VIEW_MODEL: _CHECKPOINTS / "street_two_view.safetensors",
    ISOTROPIC_MODEL: _CHECKPOINTS / "street_isotropic.safetensors",
    VIEWS_MODEL: _CHECKPOINTS / "street_views.safetensors",
}
"""Where the weights of the bundled models lie."""

TWO_VIEW_COST = 1.5
"""What comparisons charge for a pair of views on grids up to 3x5, in passes of the default model."""

VIEWS_COST = 1.15
"""What comparisons charge for a pass of the bundled network of views, in passes of the default model, rounded up."""

VIEWS_FIELDS: tuple[int | None, ...] = (19, 68, None)
"""Receptive fields of the bundled network of views, in pixels, finest view first."""

_STRIDE = 16  # sides are padded to multiples of it
_CONTEXT = 0.28  # multiply-adds for the far view, relative to a pass of the default model


def bundled_digest(name: str) -> str:
    """SHA-256 of a bundled model's weights, without loading it."""
    return digest_of_file(WEIGHTS[name])


def two_view_cost(height: int, width: int, grid: tuple[int, int]) -> float:
    """Multiply-adds for a pair of views, relative to a pass of the default model: small tiles are mostly padding.

    Args:
        height, width: of the picture in pixels.
        grid: (rows, cols) of the tiles.
    """
    rows, cols = grid
    tiles = rows * cols * _padded(-(-height // rows)) * _padded(-(-width // cols))
    return tiles / (_padded(height) * _padded(width)) + _CONTEXT


def _padded(side: int) -> int:
    return side + -side % _STRIDE
