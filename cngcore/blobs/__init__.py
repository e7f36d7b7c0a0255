"""Read and write the wire formats of keys, one module for each family: bytes to a frozen dataclass and back."""

from __future__ import annotations

from cngcore import constants


def shown_magic(magic: int) -> str:
    """Return a magic for an error message: its number if bcrypt.h defines it, else no number.

    An unknown magic may be the first four bytes of a raw key, and a message must not contain bytes of a key.
    """
    known = magic in (value for name, value in vars(constants).items() if "_MAGIC" in name)
    return f"magic 0x{magic:08X}" if known else "an unknown magic"
