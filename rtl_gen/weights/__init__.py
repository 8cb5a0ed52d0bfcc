"""The only state that learns: counters, their signs, and all that changes them."""
