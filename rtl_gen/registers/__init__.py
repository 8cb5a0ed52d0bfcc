"""What software sees: the map of the registers, and their bus."""
