"""What a release holds, obtained and proven: from the caches of this machine, else from its registry."""
