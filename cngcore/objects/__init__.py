"""Opened algorithms, key pairs, secrets and hashes: the objects behind every handle."""
