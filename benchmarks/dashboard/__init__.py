"""How quickly the dashboard answers, and whether its memory stays flat."""
