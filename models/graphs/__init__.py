"""Attributed graphs: loaders, networks for noisy attributes, training, and the bundled example."""

import warnings

with warnings.catch_warnings():
    # torch-geometric still scripts some classes while it is imported, which newer torch versions announce as deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    import torch_geometric  # noqa: F401
