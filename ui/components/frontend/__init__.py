"""What the dashboard's own components share: the binary payload, asset loading and a common script library."""
