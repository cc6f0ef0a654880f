"""The exact collective certificate of vote shares under localized flips (docs/theory.md, 2.6)."""
