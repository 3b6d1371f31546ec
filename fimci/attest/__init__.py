"""Signatures and attestations: who vouches for an artifact, and for what exactly.

Everything here works offline. Roots of trust are shipped with their hashes (`roots`) or named on the command
line; no cache of a user is ever read. Nothing of sigstore is imported before a signature is to be checked,
and what it raises, of whatever class, is a refusal: evidence that cannot be checked is none.
"""
