"""Simulation of the emitted Verilog under a cocotb test bench, from Python.

`runner.simulate` is the door. The rest is either its half of the work (`job`, `exchange`, `build`, in this process)
or the bench's (`bench` and what it imports, in the simulator's process).
"""
