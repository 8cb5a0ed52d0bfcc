"""What all that learns in PyTorch has in common: epochs, batches, samples as tensors."""
