"""Files of certificates: bundled, own runs, pins."""
