"""From the last activations to a prediction and the first lesson."""
