"""Networks of logic gates: from the learnt network to a netlist, and from that to a pipeline."""
