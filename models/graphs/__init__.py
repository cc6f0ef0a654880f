"""Attributed graphs: loaders, networks for noisy attributes, training, and the bundled example."""
