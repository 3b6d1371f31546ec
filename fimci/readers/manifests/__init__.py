"""Files in which people say what is to be installed, built and run: one module per format."""
