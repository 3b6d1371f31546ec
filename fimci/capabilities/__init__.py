"""What code and configuration can do, whatever form they have: words that matter, and what runs by itself.

Readers and rules ask here; nothing here parses a file, and nothing runs.
"""
