"""Gateware between the serial line and the trainer, and the bytes that they exchange."""
