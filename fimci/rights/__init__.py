"""What applications, extensions and workloads ask for: how it is stated, and how grave each right is."""
