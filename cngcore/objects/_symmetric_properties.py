"""The properties that every cipher and every key-derivation algorithm has, whoever provides it.

They follow from the declaration: its modes, its block length, its length rule. A provider declares only what is special
to its algorithm, such as EffectiveKeyLength of RC2.

contract: rule-symmetric-properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import windows
from cngcore.provider import AuthTagLengths, Property, When
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cngcore.provider import Algorithm, Mode

OBJECT_LENGTHS = {"cipher": 654, "derive": 618}
"""ObjectLength, the size of a caller's key object in C. The values are our own, and nothing here uses them."""

PRIMITIVE_TYPES = {
    "cipher": c.BCRYPT_CIPHER_OPERATION,
    "hash": c.BCRYPT_HASH_OPERATION,
    "derive": c.BCRYPT_KEY_DERIVATION_OPERATION,
}
"""PrimitiveType by operation (docs/decisions/symmetric.md)."""

DEFAULT_UNIT = 512
"""Bytes of a data unit of XTS-AES while MessageBlockLength is not set (docs/decisions/ciphers.md)."""


def modes_of(algorithm: Algorithm, version: str) -> dict[str, Mode]:
    """Return the modes of a Windows version, by the value of the ChainingMode property."""
    known = windows.release(version)
    return {mode.chaining_mode: mode for mode in algorithm.modes if windows.release(mode.introduced) <= known}


def default_mode(algorithm: Algorithm) -> Mode:
    """Return the mode of a new algorithm handle."""
    return next(mode for mode in algorithm.modes if mode.default)


def symmetric_properties(algorithm: Algorithm, version: str) -> dict[str, Property]:
    """Return the properties that the core has for an algorithm with symmetric keys."""
    kind = "cipher" if "cipher" in algorithm.operations else "derive"
    readable, key = When(algorithm="r"), When(finalized="r")
    found = [
        Property(c.BCRYPT_OBJECT_LENGTH, int, readable, value=OBJECT_LENGTHS[kind]),
        Property(c.BCRYPT_PRIMITIVE_TYPE, int, readable, value=PRIMITIVE_TYPES[kind]),
        Property(c.BCRYPT_KEY_LENGTH, int, key),
        Property(c.BCRYPT_KEY_STRENGTH, int, key),
    ]
    if kind == "cipher":
        found += _cipher_properties(algorithm, version)
    return {one.name: one for one in found}


def _cipher_properties(algorithm: Algorithm, version: str) -> list[Property]:
    modes, block = modes_of(algorithm, version), algorithm.block_length
    late = windows.release(version) >= windows.release("8")  # before, a mode could be set on the algorithm only
    both = When(algorithm="rw", finalized="rw" if late else "r")

    def tag_lengths(properties: Mapping[str, object]) -> AuthTagLengths:
        mode = modes[str(properties.get(c.BCRYPT_CHAINING_MODE, default_mode(algorithm).chaining_mode))]
        if mode.tag is None:
            raise NotSupportedError(f"{algorithm.name} has no AuthTagLength in mode {mode.name}")
        return AuthTagLengths(*mode.tag)

    found = [
        Property(c.BCRYPT_CHAINING_MODE, str, both, value=default_mode(algorithm).chaining_mode, values=tuple(modes)),
        Property(c.BCRYPT_BLOCK_LENGTH, int, When(algorithm="r", finalized="r"), value=block),
        Property(c.BCRYPT_BLOCK_SIZE_LIST, tuple, When(algorithm="r"), value=(block,)),
    ]
    kinds = {mode.kind for mode in modes.values()}
    if "authenticated" in kinds:
        found.append(Property(c.BCRYPT_AUTH_TAG_LENGTH, AuthTagLengths, When(algorithm="r"), value=tag_lengths))
    if "register" in kinds:
        found.append(Property(c.BCRYPT_INITIALIZATION_VECTOR, bytes, When(finalized="rw")))
    if "units" in kinds or any(mode.name == "CFB" for mode in modes.values()):
        found.append(
            Property(
                c.BCRYPT_MESSAGE_BLOCK_LENGTH,
                int,
                both,
                value=DEFAULT_UNIT if "units" in kinds else 1,
                check=lambda length: check_message_block(algorithm, length),
            )
        )
    return found


def check_message_block(algorithm: Algorithm, length: int) -> None:
    """Raise InvalidParameterError for a MessageBlockLength that the algorithm does not have.

    contract: rule-cfb, rule-cipher-xts.
    """
    block = algorithm.block_length
    if any(mode.kind == "units" for mode in algorithm.modes):
        if length < block or length % block:
            raise InvalidParameterError(
                f"a data unit of {algorithm.name} has a multiple of {block} bytes, not {length}"
            )
    elif length not in (1, block):
        raise InvalidParameterError(f"the feedback of {algorithm.name} in CFB has 1 or {block} bytes, not {length}")
