"""Lockfiles: one module per format, each from bytes to `Package` records."""
