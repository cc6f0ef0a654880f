"""The noise editor and where its levels come from."""
