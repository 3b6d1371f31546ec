"""What Python distributions say of themselves, and what an environment holds beside them."""
