"""Training of networks of logic gates, in PyTorch (the `baselines` extra)."""
