"""The attack on the page."""
