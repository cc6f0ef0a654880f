"""The compare page: several certificates, or sets of them, on the same pictures."""
