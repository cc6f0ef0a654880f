"""Training and fine-tuning of any network on any labelled pictures, under noise."""
