"""What `fimci watch -- COMMAND` knows: what was there before, what each place means, what was done to it."""
