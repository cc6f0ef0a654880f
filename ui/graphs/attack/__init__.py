"""Attacks on the smoothed model of a graph, on request."""
