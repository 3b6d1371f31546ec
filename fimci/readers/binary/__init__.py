"""What runs without being text: native code and bytecode, known by their first bytes."""
