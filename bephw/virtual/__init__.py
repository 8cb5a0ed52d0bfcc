"""A board without a board: the whole of its design, as it goes to synthesis, compiled with Verilator."""
