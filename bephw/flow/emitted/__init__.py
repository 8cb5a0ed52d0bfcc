"""What `bephw emit` leaves in a folder beside the Verilog: its description, vectors and a testbench."""
