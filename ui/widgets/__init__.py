"""Small widgets of several pages."""
