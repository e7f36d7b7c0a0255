"""The wire formats of keys, one module a family: bytes to frozen dataclass and back."""

from __future__ import annotations

from cngcore import constants


def shown_magic(magic: int) -> str:
    """A magic as an error tells it: by its number where the header has it, else not at all.

    What was handed over may be no blob but a raw key, and these its first four bytes.
    """
    known = magic in (value for name, value in vars(constants).items() if "_MAGIC" in name)
    return f"magic 0x{magic:08X}" if known else "an unknown magic"
