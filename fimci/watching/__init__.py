"""What `fimci watch` knows of a folder: its baseline by path, what is in doubt, what was told."""
