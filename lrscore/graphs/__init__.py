"""Certificates of graphs: attributes are flipped, nodes are classified."""
