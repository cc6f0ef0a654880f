"""Procedural street scenes with exact masks in CamVid's eleven classes."""

from models.scenes.render import Scene, render_scene

__all__ = ["Scene", "render_scene"]
