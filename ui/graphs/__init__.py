"""The graph page's own parts; what it shares with the segmentation page lies one level up."""
