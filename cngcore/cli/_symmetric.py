"""What ``cng generate``, ``encrypt``, ``decrypt`` and ``derive`` do with symmetric keys.

A key file holds the key itself, or a KeyDataBlob. An encrypted file is the nonce or IV, the ciphertext, and in an
authenticated mode the tag; it has no header, so the key, the algorithm and the mode must be known.
"""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING

import click

from cngcore import constants as c
from cngcore.blobs.symmetric import unpack_key_data
from cngcore.cli import keyfiles
from cngcore.registry import default
from cngcore.status import CngError, InvalidParameterError, NotSupportedError, error_for

if TYPE_CHECKING:
    from cngcore.objects import SymmetricKey

__all__ = ["LONGEST", "cipher_key", "decrypt", "encrypt", "is_cipher", "is_symmetric", "mode_option"]

DEFAULT_ALGORITHM = "AES"
"""The algorithm of a KeyDataBlob, which names none, if --algorithm does not."""

_MAGIC = c.BCRYPT_KEY_DATA_BLOB_MAGIC.to_bytes(4, "little")
_TAG = 16
LONGEST = 1 << 28
"""Bytes of a file that is encrypted or decrypted: it must fit into memory."""

mode_option = click.option(
    "--mode",
    metavar="NAME",
    default="",
    help="The mode of a symmetric key: GCM (the default of AES), CBC, ...",
)


def is_cipher(algorithm: str) -> bool:
    """Return whether an installed provider serves an algorithm as a cipher."""
    return any("cipher" in one.algorithm.operations for one in default().candidates(algorithm))


def is_symmetric(key_file: str, algorithm: str) -> bool:
    """Return whether a key file is meant as a symmetric key: by --algorithm, or because it is a KeyDataBlob."""
    if algorithm:
        return is_cipher(algorithm)
    if key_file == keyfiles.STANDARD:
        return False
    with open(key_file, "rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC


def cipher_key(key_file: str, algorithm: str, mode: str, implementation: str | None) -> SymmetricKey:
    """Return the key of a file, in the mode, or in GCM if the algorithm has it and none is named."""
    name, data = algorithm or DEFAULT_ALGORITHM, keyfiles.read(key_file)
    explanation = default().explain(name, implementation)
    modes = [one.name for one in explanation.required().algorithm.modes]
    chosen = mode.upper() or ("GCM" if "GCM" in modes else None)
    try:
        secret = unpack_key_data(data) if data[:4] == _MAGIC else data
        with default().open_algorithm_provider(name, implementation, mode=chosen) as provider:
            limits = provider.get_property("KeyLengths")
            if 8 * len(secret) > limits.maximum:  # Windows would cut it
                raise InvalidParameterError(f"{name} has no key of {len(secret)} bytes, but of {limits.maximum // 8}")
            return provider.generate_symmetric_key(secret)
    except CngError as error:
        raise error_for(error.status, f"{keyfiles.title(key_file)}: {error.message}") from error


def _start(key: SymmetricKey) -> int:
    """Return how many bytes of an encrypted file are the nonce or the IV. Raise NotSupportedError for XTS-AES."""
    if key.kind == "authenticated":
        return (key.current_mode.nonce or (0, 0, 0))[1]
    if key.kind == "units":
        raise NotSupportedError(f"{key.name} encrypts the sectors of a disk, not files; use AES in mode GCM")
    return key.block_length if key.kind == "register" else 0


def encrypt(key: SymmetricKey, data: bytes, aad: bytes) -> bytes:
    """Return nonce or IV, ciphertext, and tag."""
    size = _start(key)
    if key.kind == "authenticated":
        nonce = key.new_nonce()
        ciphertext, tag = key.encrypt_authenticated(data, nonce, associated_data=aad, tag_length=_TAG)
        return nonce + ciphertext + tag
    _no_aad(key, aad)
    iv = urandom(size) if size else None
    return (iv or b"") + key.encrypt(data, iv, padding=key.kind != "stream")


def decrypt(key: SymmetricKey, data: bytes, aad: bytes) -> bytearray:
    """Return the plaintext of what :func:`encrypt` returned."""
    size = _start(key)
    least = size + (_TAG if key.kind == "authenticated" else 0)
    if len(data) < least:
        raise InvalidParameterError(f"the file has {len(data)} bytes; encrypted by {key.name} it has {least} or more")
    if key.kind == "authenticated":
        nonce, ciphertext, tag = data[:size], data[size:-_TAG], data[-_TAG:]
        return key.decrypt_authenticated(ciphertext, nonce, tag, associated_data=aad)
    _no_aad(key, aad)
    return key.decrypt(data[size:], data[:size] if size else None, padding=key.kind != "stream")


def _no_aad(key: SymmetricKey, aad: bytes) -> None:
    if aad:
        raise InvalidParameterError(f"{key.name} in mode {key.mode} authenticates no other data; use --mode GCM")
