"""Accuracy against average certified radius: localized smoothing and its baselines on street scenes."""
