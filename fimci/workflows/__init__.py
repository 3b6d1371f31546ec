"""What the rules about workflows ask of a change: both sides of each workflow, and expressions."""
