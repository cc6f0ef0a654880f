"""Segmentation networks: bundled, described, and how they are trained and judged."""
