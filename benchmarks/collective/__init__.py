"""Tightness, speed and memory of the collective engine beside the published linear program."""
