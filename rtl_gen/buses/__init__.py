"""A trainer, or inference, on the buses of other people's designs: AXI4-Lite, Wishbone, AXI4-Stream."""
