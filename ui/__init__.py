"""What the pages share: state, pictures, plots, words. Pages themselves stay short."""
