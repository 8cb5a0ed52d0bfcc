"""Small components and functions that know nothing of learning, and the records that travel between components."""
