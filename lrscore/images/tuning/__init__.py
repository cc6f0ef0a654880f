"""Which noise levels suit a model: measured locality, and a search."""
