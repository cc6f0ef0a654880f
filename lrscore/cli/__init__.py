"""The command line: `certify`, `verify`, `show`."""
