"""Simulation of the emitted Verilog, from Python.

`runner.simulate` is the door. The rest is its half of the work (`job`, `exchange`, `launch`, in this process), what
builds and starts (`build`), what a host does with a trainer (`host`), and who clocks it: a cocotb test bench (`bench`
and what it imports, in the simulator's process), or engine "fast" (`fast_bench`, `harness` and `harness.cpp`).
"""
