"""What Yosys leaves undone on ECP5: passes over a netlist."""
