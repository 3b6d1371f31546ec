"""What several rules share, one module per subject; no rule stands here."""
