"""From a design to a bitstream, and what the tools report of it."""
