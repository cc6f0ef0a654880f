"""Names and costs of the bundled segmentation models, for those who must not load torch to know them."""

from __future__ import annotations

DEFAULT_MODEL = "street-unet"
TWO_VIEW_MODEL = "street-two-view"
ISOTROPIC_MODEL = "street-isotropic"
VIEWS_MODEL = "street-views"

TWO_VIEW_COST = 1.5
"""What comparisons charge for a pair of views on grids up to 3x5, in passes of the default model."""

VIEWS_COST = 1.15
"""What comparisons charge for a pass of the bundled network of views, in passes of the default model, rounded up."""

_STRIDE = 16  # sides are padded to multiples of it
_CONTEXT = 0.28  # multiply-adds for the far view, relative to a pass of the default model


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
