"""What the providers of one family share beyond the wire formats: the checks and encodings of the standard.

A provider of ML-KEM or ML-DSA derives its material and its factory from the classes here and adds the operations of its
library. This is optional: the contract of a provider is :mod:`cngcore.provider`.
"""

from __future__ import annotations
