"""What every provider of one family needs beyond the wire formats: the standard's checks, messages, life of a key.

A provider of ML-KEM or ML-DSA derives its material and factory from the classes here and adds what its library does.
Nothing obliges it to: the contract is :mod:`cngcore.provider`.
"""

from __future__ import annotations
