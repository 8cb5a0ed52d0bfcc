"""From bits to bits: the forward pass of a layer."""
