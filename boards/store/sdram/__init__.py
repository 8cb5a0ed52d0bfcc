"""A controller for SDRAM chips of 16 bits, in a clock domain of its own."""
