"""Names and costs of the bundled segmentation models, for those who must not load torch to know them."""

DEFAULT_MODEL = "street-unet"
TWO_VIEW_MODEL = "street-two-view"
ISOTROPIC_MODEL = "street-isotropic"

TWO_VIEW_COST = 1.5
"""Multiply-adds for a pair of views, relative to a pass of the default model, rounded up."""
