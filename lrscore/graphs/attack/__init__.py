"""Attacks on the smoothed model of a graph: attributes and edges."""

from lrscore.graphs.attack.attack import attack_graph
from lrscore.graphs.attack.result import GraphAttack
from lrscore.graphs.attack.settings import GraphAttackSettings

__all__ = ["GraphAttack", "GraphAttackSettings", "attack_graph"]
