"""What both certification pages share."""
