"""What configuration makes run by itself, known to readers and rules alike. Nothing here parses a file."""
