"""Sharper counts at one budget, on request."""
