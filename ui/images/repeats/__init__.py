"""The same certificate from other seeds: how far its numbers depend on the draw."""
