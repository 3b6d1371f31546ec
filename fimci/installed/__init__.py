"""What installed packages say of themselves: pure functions from their metadata to records."""
