"""Colours, pictures, words and page furniture."""
