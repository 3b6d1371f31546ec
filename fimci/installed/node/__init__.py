"""What installed packages of Node say of themselves, and what lockfiles say of them."""
