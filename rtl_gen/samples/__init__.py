"""How samples come in, wait and go on."""
