"""Charts of several pages."""
