"""BCryptKeyDerivation, BCryptDeriveKeyPBKDF2 and BCryptDeriveKeyCapi: the rules that the core has for all providers.

contract: rule-kdf-algorithms, rule-kdf-parameters, rule-kdf-pbkdf2-function, rule-derive-capi.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._checks import check_dword, check_number, check_text, to_bytes
from cngcore.families import kdf
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cngcore.objects._hkdf import HkdfState
    from cngcore.objects._implementation import Implementation
    from cngcore.provider import Algorithm, HashState, Parameter

LONGEST = 0x1FFFFFFF
"""The most bytes of one derivation: what .NET takes for SP 800-108."""

_LONGEST_CAPI_DIGEST = 64
"""Bytes of the longest digest that BCryptDeriveKeyCapi takes (its page: 512 bits)."""


def derive(
    implementation: Implementation,
    secret: bytes,
    state: HkdfState,
    given: Mapping[str, object],
    length: int,
    flags: int,
) -> bytes:
    """Derive ``length`` bytes from the secret of a key-derivation algorithm.

    ``given`` has the header's names of the parameters. Raise InvalidParameterError for a parameter that the algorithm
    does not take, for a required one that is missing, and for a length of 0.
    """
    algorithm = implementation.algorithm
    flags = check_dword("dwFlags", flags)
    if flags & ~algorithm.generate_flags:
        raise InvalidParameterError(f"BCryptKeyDerivation takes no flags 0x{flags:X} for {algorithm.name}")
    if not 0 < length <= LONGEST:
        raise InvalidParameterError(f"a derived key has 1 to {LONGEST} bytes, not {length}")
    parameters = check_parameters(algorithm, given)
    if state.prk is not None and state.hash_id is not None:
        if "KDF_HASH_ALGORITHM" in parameters or "KDF_SALT" in parameters:
            raise InvalidParameterError(f"{algorithm.name}: hash and salt are set already, as properties of the key")
        parameters["KDF_HASH_ALGORITHM"] = state.hash_id
        return implementation.derive(bytes(state.prk), parameters, length, flags)
    if c.BCRYPT_HKDF_HASH_ALGORITHM in algorithm.properties:
        hash_id = parameters.get("KDF_HASH_ALGORITHM", state.hash_id)
        if hash_id is None or "KDF_HASH_ALGORITHM" not in parameters:
            raise InvalidParameterError(
                f"{algorithm.name} is not finalized: set HkdfHashAlgorithm and HkdfSaltAndFinalize, or pass hash="
            )
        salt = parameters.pop("KDF_SALT", None)
        secret = implementation.extract(secret, str(hash_id), salt)  # type: ignore[arg-type]
    return implementation.derive(secret, parameters, length, flags)


def check_parameters(algorithm: Algorithm, given: Mapping[str, object]) -> dict[str, bytes | str | int]:
    """Return the parameters with the types of their declarations."""
    declared = {parameter.name: parameter for parameter in algorithm.parameters}
    parameters: dict[str, bytes | str | int] = {}
    for name, value in given.items():
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise InvalidParameterError(f"{algorithm.name} takes no parameter {name}; it takes {known}")
        parameters[name] = _typed(declared[name], value)
    for parameter in algorithm.parameters:
        clash = [name for name in parameter.instead_of if name in parameters and parameter.name in parameters]
        if clash:
            raise InvalidParameterError(f"{parameter.name} replaces {clash[0]}: give one of the two")
        replaced = any(parameter.name in other.instead_of for other in declared.values() if other.name in parameters)
        if parameter.required and parameter.name not in parameters and not replaced:
            raise InvalidParameterError(f"{algorithm.name} needs {parameter.name}")
    return parameters


def _typed(parameter: Parameter, value: object) -> bytes | str | int:
    if parameter.type == "hash":
        return check_text(parameter.name, value)
    if parameter.type == "u64":
        number = check_number(parameter.name, value)
        if not 0 < number < 1 << 64:
            raise InvalidParameterError(f"{parameter.name} is a number from 1, not {number:.0e}")
        return number
    return to_bytes(parameter.name, value)


def pbkdf2(implementation: Implementation, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    """Derive ``length`` bytes with a PRF: HMAC of a hash, or AES-CMAC. RFC 8018 section 5.2.

    Raise InvalidParameterError for no iterations and for no length. contract: rule-kdf-pbkdf2-function.
    """
    if not 0 < iterations < 1 << 64:
        raise InvalidParameterError("PBKDF2 needs 1 iteration or more")
    if not 0 < length <= LONGEST:
        raise InvalidParameterError(f"a derived key has 1 to {LONGEST} bytes, not {length}")
    if not implementation.algorithm.mac and kdf.knows(implementation.name):
        return kdf.pbkdf2(implementation.name, password, salt, iterations, length)
    start = implementation.start_hash(password)
    size = implementation.check_size("digest_length", implementation.ask(start, "digest_length"))

    def prf(data: bytes) -> bytes:
        state: HashState = implementation.check_state("copy", implementation.call(start.copy))
        implementation.call(state.update, data)
        return bytes(implementation.check_bytes("digest", implementation.call(state.digest, size)))

    return kdf.pbkdf2_with(prf, size, salt, iterations, length)


def check_capi(hash_id: str, size: int, length: int, target: str | None, flags: object) -> None:
    """Check a call of BCryptDeriveKeyCapi for ``length`` bytes of a digest of ``size`` bytes."""
    number = check_dword("dwFlags", flags)
    if number:
        raise InvalidParameterError(f"BCryptDeriveKeyCapi takes no flags, not 0x{number:X}")
    if not 0 < length <= 2 * size:
        raise InvalidParameterError(f"BCryptDeriveKeyCapi gives 1 to {2 * size} bytes of this hash, not {length}")
    if size > _LONGEST_CAPI_DIGEST:
        raise NotSupportedError(f"BCryptDeriveKeyCapi takes digests of at most {_LONGEST_CAPI_DIGEST} bytes")
    if _expands(size, length, target):
        kdf.new_hash(hash_id)  # raises for MD2 and MD4, before the hash object is finished


def capi(hash_id: str, digest: bytes, length: int, target: str | None) -> bytes:
    """Derive as CryptoAPI's CryptDeriveKey does: the digest itself, or, if that is too short, its expansion.

    A key of 16 bytes for AES is expanded always, as CryptoAPI does. contract: rule-derive-capi.
    """
    if not _expands(len(digest), length, target):
        return digest[:length]
    return kdf.capi_expand(hash_id, digest)[:length]


def _expands(size: int, length: int, target: str | None) -> bool:
    return length > size or (target == c.BCRYPT_AES_ALGORITHM and length == 16 <= size)
