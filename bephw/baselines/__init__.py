"""What users would otherwise pick: quantisation-aware training in PyTorch (the `baselines` extra)."""
