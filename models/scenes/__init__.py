"""Procedural street scenes with exact masks in CamVid's eleven classes."""

from models.scenes.gallery import GALLERY, GalleryScene, load_gallery_scene
from models.scenes.render import Scene, render_scene

__all__ = ["GALLERY", "GalleryScene", "Scene", "load_gallery_scene", "render_scene"]
