"""Certificates of images: noise is added, pixels are classified."""
