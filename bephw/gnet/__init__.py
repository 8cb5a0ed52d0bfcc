"""G-Net: a network of real numbers (the `baselines` extra) that becomes a binary one by random embedding."""
