"""What ``cng sign`` and its kin do with keys and bytes: load a key for an operation, hash a file, write a signature.

The commands only read options, call these functions, and write files. Everything here uses the public objects of
cngcore: :class:`~cngcore.KeyPair`, the paddings and :mod:`cngcore.formats`.
"""

from __future__ import annotations

import hashlib
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cngcore import formats
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD, Output
from cngcore.cli.options import Choice, CurveName, ImplementationName, Positive
from cngcore.formats import Decoded, DecodedKeys, EcKey, Key, MlKey, algorithm_of
from cngcore.padding import Oaep, Padding, Pkcs1, PqDsa, Pss
from cngcore.registry import default
from cngcore.status import BadDataError, CngError, InvalidParameterError, error_for

if TYPE_CHECKING:
    from cngcore.objects import KeyPair

__all__ = [
    "ENCODINGS",
    "ENCRYPTIONS",
    "HASHES",
    "SIGNATURES",
    "check_output",
    "choose_key",
    "decapsulate",
    "decode_keys",
    "decrypt",
    "encoded",
    "encoding_option",
    "encrypt",
    "file_options",
    "implementation_option",
    "import_key",
    "key_option",
    "load_key",
    "raw_secret",
    "read_input",
    "sign",
    "unwrapped",
    "verify",
    "write_output",
]

F = TypeVar("F", bound=Callable[..., Any])

HASHES = {
    "SHA1": "sha1",
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
    "SHA3-256": "sha3_256",
    "SHA3-384": "sha3_384",
    "SHA3-512": "sha3_512",
}
"""The hashes of the commands: CNG's names with those of hashlib."""

SIGNATURES = ("pss", "pkcs1")
ENCRYPTIONS = ("oaep", "pkcs1")
ENCODINGS = ("binary", "hex", "base64")

LONGEST_MESSAGE = 1 << 28
"""Bytes of a message that a key signs itself, without a hash: it must fit into memory."""


# --- options ----------------------------------------------------------------------------------------------------------


def key_option(title: str) -> Callable[[F], F]:
    """Add the option for the file of the key to use."""
    return click.option(
        "--key", "key_file", type=click.Path(allow_dash=True), metavar="FILE", required=True, help=title
    )


def implementation_option(function: F) -> F:
    """Add the option for the implementation that uses the key."""
    return click.option(
        "--implementation",
        type=ImplementationName(),
        metavar="NAME",
        help="One of several implementations; see cng explain.",
    )(function)


def file_options(function: F) -> F:
    """Add the options for a key file that is encrypted, holds several keys, or does not describe itself."""
    for option in (
        click.option("--curve", type=CurveName(), metavar="NAME", default="",
                     help="The curve of a raw key or a generic ECC blob."),
        click.option("--algorithm", metavar="NAME", default="",
                     help="The algorithm of a raw key; ECDH or ECDSA for an elliptic-curve key of unknown use."),
        keyfiles.type_option(),
        click.option("--number", type=Positive(), metavar="N", help="Choose one of several keys, counted from 1."),
        keyfiles.passphrase_options("passphrase", "The passphrase of an encrypted key"),
    ):  # fmt: skip
        function = option(function)
    return function


def encoding_option(what: str) -> Callable[[F], F]:
    """Add the option for the encoding of an output."""
    return click.option(
        "--encoding",
        type=Choice(ENCODINGS, "an encoding"),
        default="binary",
        show_default=True,
        help=f"How {what} is written.",
    )


def encoded(content: bytes | bytearray, encoding: str) -> bytearray:
    """Return bytes as they are, or as one line of hex or base64."""
    if encoding == "hex":
        return bytearray(content.hex().encode() + b"\n")
    return bytearray(b64encode(content) + b"\n") if encoding == "base64" else bytearray(content)


def check_output(paths: list[str], encoding: str, force: bool) -> None:
    """Check before any work that the outputs can be written."""
    for path in paths:
        keyfiles.check_terminal(path, encoding != "binary")
    keyfiles.check_free(paths, force)


def write_output(path: str, content: bytes | bytearray, encoding: str, force: bool, *, private: bool = False) -> None:
    """Write one output in its encoding; a private file is for its owner only."""
    output = Output(path, encoded(content, encoding), private=private, text=encoding != "binary")
    keyfiles.write([output], force)


# --- keys -------------------------------------------------------------------------------------------------------------


def decode_keys(
    file: str,
    *,
    input_format: str | None,
    algorithm: str,
    curve: str,
    passphrase_file: str | None,
    passphrase_env: str | None,
    private: bool | None = None,
    **_: Any,
) -> DecodedKeys:
    """Return the keys of a file. ``private`` says which half a raw key of X25519 is."""
    data = keyfiles.read(file)
    try:
        return keyfiles.decode(
            data,
            file,
            passphrase_file=passphrase_file,
            passphrase_env=passphrase_env,
            format=input_format or "",
            algorithm=algorithm,
            curve=curve,
            private=private if input_format == "raw" else None,
        )
    except CngError as error:
        raise error_for(error.status, f"{keyfiles.title(file)}: {error.message}") from error


def choose_key(found: DecodedKeys, file: str, number: int | None, *, private: bool) -> Key:
    """Return the key to use: the one of that number, else the only private or the only public one."""
    where = keyfiles.title(file)
    if number is not None:
        if number > len(found):
            raise InvalidParameterError(f"{where}: it holds {len(found)} keys, so there is no number {number}")
        return found[number - 1].key
    fitting = [one for one in found if one.key.is_private or not private]
    if not fitting:
        raise InvalidParameterError(f"{where}: it holds no private key, which this operation needs")
    if len({_identity(one) for one in fitting}) > 1:
        kinds = ", ".join(f"{place} {one.key.description}" for place, one in enumerate(found[:20], 1))
        raise InvalidParameterError(f"{where}: it holds {len(found)} keys ({kinds}); choose one with --number")
    return fitting[0].key


def _identity(found: Decoded) -> object:
    """Return what two halves of one key have in common: a PKCS #12 file has a private key and its certificate."""
    with suppress(CngError):
        return formats.fingerprint(formats.complete(found.key))
    return id(found)


def load_key(file: str, operation: str, *, private: bool, **given: Any) -> KeyPair:
    """Return the key of a file in the implementation that serves ``operation``; ``given`` are the key options."""
    number, named, algorithm = given.get("number"), given.get("implementation"), given.get("algorithm", "")
    key = choose_key(decode_keys(file, private=private, **given), file, number, private=private)
    try:
        return import_key(keyfiles.for_algorithm(key, algorithm), operation, named)
    except CngError as error:
        raise error_for(error.status, f"{keyfiles.title(file)}: {error.message}") from error


def import_key(key: Key, operation: str, implementation: str | None) -> KeyPair:
    """Import a key into the implementation that serves the operation for its curve or parameter set."""
    if key.family == "EC" and not key.use and operation == "agree":
        key = replace(key, use="ECDH")
    name, numbers = algorithm_of(key), key.numbers
    curve = numbers.curve.name if isinstance(numbers, EcKey) and name in ("ECDSA", "ECDH") else None
    parameter_set = numbers.parameter_set if isinstance(numbers, MlKey) else None
    registry = default()
    if any(operation in one.algorithm.operations for one in registry.candidates(name)):
        found = registry.explain(
            name, implementation, curve=curve or None, parameter_set=parameter_set, operation=operation
        ).required()
        implementation = f"{found.distribution}:{found.implementation}"
    pair = formats.import_into(key, algorithm=name, implementation=implementation)
    pair.require(operation)
    return pair


# --- input ------------------------------------------------------------------------------------------------------------


def read_input(file: str, limit: int = LONGEST_MESSAGE, hint: str = "") -> bytes:
    """Return the content of a file or of standard input; refuse more than ``limit`` bytes."""
    with nullcontext(sys.stdin.buffer) if file == STANDARD else open(file, "rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise InvalidParameterError(f"{keyfiles.title(file)} has more than {limit} bytes{hint}")
    return data


def _digest(file: str, name: str) -> bytes:
    """Return the hash of a file or of standard input, whatever its size."""
    state = hashlib.new(HASHES[name])
    with nullcontext(sys.stdin.buffer) if file == STANDARD else open(file, "rb") as stream:
        while chunk := stream.read(1 << 18):
            state.update(chunk)
    return state.digest()


def unwrapped(data: bytes, fits: Callable[[bytes], bool]) -> bytes:
    """Return ``data``, or the bytes that it holds as hex or base64; ``fits`` knows the bytes by their length."""
    if fits(data):
        return data
    text = b"".join(data.split())
    for decode in (_from_hex, _from_base64):
        with suppress(ValueError):
            found = decode(text)
            if fits(found):
                return found
    return data


def _from_hex(text: bytes) -> bytes:
    return bytes.fromhex(text.decode("ascii"))


def _from_base64(text: bytes) -> bytes:
    return b64decode(text, validate=True)


# --- signatures -------------------------------------------------------------------------------------------------------


def sign(key: KeyPair, file: str, *, hash: str | None, padding: str | None, der: bool) -> bytes:
    """Return the signature of a file: RSA by PSS or PKCS #1, ECDSA and DSA as ``r || s`` or DER, ML-DSA."""
    digest, scheme = _to_sign(key, file, hash, padding, der)
    signature = key.sign_hash(digest, scheme)
    return formats.signature_to_der(signature) if der else signature


def verify(key: KeyPair, file: str, signature: bytes, *, hash: str | None, padding: str | None) -> None:
    """Verify the signature of a file. It may be binary, hex or base64, and of ECDSA and DSA ``r || s`` or DER.

    Raise InvalidSignatureError if it is not valid.
    """
    size, two_numbers = key.size_of("sign"), _family(key) in ("EC", "DSA")

    def fits(data: bytes) -> bool:
        return len(data) == size or (two_numbers and _from_der(data, size) is not None)

    signature = unwrapped(signature, fits)
    if two_numbers and len(signature) != size:
        signature = _from_der(signature, size) or signature
    digest, scheme = _to_sign(key, file, hash, padding, False)
    key.verify_number(digest, signature, scheme)


def _family(key: KeyPair) -> str:
    return formats.family_of(key.algorithm)[0]


def _to_sign(key: KeyPair, file: str, hash: str | None, padding: str | None, der: bool) -> tuple[bytes, Padding | None]:
    """Return what the key signs, and with which padding. Raise UsageError for options that the key does not have."""
    family = _family(key)
    if padding is not None and family != "RSA":
        raise click.UsageError(f"--padding is for RSA keys; this is a key of {family}")
    if der and family not in ("EC", "DSA"):
        raise click.UsageError(f"--format der is for ECDSA and DSA keys; a signature of {family} has one form")
    declared = getattr(key.get_property("ProviderHandle"), "declaration")  # noqa: B009 - typed as object
    if declared.signs == "message":
        hashes = "prehash" in declared.message_options
        if hash is not None and not hashes:
            raise click.UsageError(f"--hash: {key.algorithm} signs the file itself; leave it out")
        if hash is not None:
            return _digest(file, hash), PqDsa(prehash=hash)
        hint = ", more than are signed without a hash"
        hint += "; use --hash SHA512 to sign and to verify" if hashes else ""
        return read_input(file, hint=hint), None
    name = hash or _default_hash(key, family)
    digest = _digest(file, name)
    if family == "RSA":
        return digest, Pkcs1(name) if padding == "pkcs1" else Pss(name, salt_length=len(digest))
    if family == "DSA":  # FIPS 186-4 section 4.6: the leftmost bits of the hash, as many as q has
        size = key.size_of("sign") // 2
        digest = digest[:size].rjust(size, b"\0")
    return digest, None


def _default_hash(key: KeyPair, family: str) -> str:
    """Return the hash that :meth:`cngcore.KeyPair.sign` takes by default."""
    if family == "DSA" and key.length <= 1024:
        return "SHA1"
    if family == "EC" and key.length > 256:
        return "SHA384" if key.length <= 384 else "SHA512"
    return "SHA256"


def _from_der(data: bytes, size: int) -> bytes | None:
    """Return a DER signature as ``r || s`` of ``size`` bytes; None for anything else."""
    try:
        return formats.signature_from_der(data, size)
    except BadDataError:
        return None


# --- encryption and secrets -------------------------------------------------------------------------------------------


def encryption_options(function: F) -> F:
    """Add the options that encryption and decryption share."""
    words = ", ".join(HASHES)
    for option in (
        click.option("--hash", type=Choice(HASHES, "a hash", "HASH"), default="SHA256", show_default=True,
                     help=f"The hash of OAEP: {words}."),
        click.option("--padding", type=Choice(ENCRYPTIONS, "a padding"), default="oaep", show_default=True,
                     help="The padding."),
    ):  # fmt: skip
        function = option(function)
    return function


def encrypt(key: KeyPair, plaintext: bytes, padding: str, hash: str) -> bytes:
    """Encrypt a short message with an RSA key."""
    return key.encrypt(plaintext, _encryption(padding, hash))


def decrypt(key: KeyPair, ciphertext: bytes, padding: str, hash: str) -> bytes:
    """Decrypt a message with an RSA key. The ciphertext may be binary, hex or base64."""
    size = key.size_of("encrypt")
    return key.decrypt(unwrapped(ciphertext, lambda data: len(data) == size), _encryption(padding, hash))


def _encryption(padding: str, hash: str) -> Padding:
    return Pkcs1() if padding == "pkcs1" else Oaep(hash)


def raw_secret(own: KeyPair, peer: KeyPair) -> bytearray:
    """Return the shared secret in the byte order of the standards; CNG's ``TRUNCATE`` has it reversed."""
    with own.agree(peer) as secret:
        return bytearray(secret.raw())


def decapsulate(key: KeyPair, ciphertext: bytes) -> bytes:
    """Return the secret in a ciphertext, which may be binary, hex or base64."""
    _, size = key.kem_sizes()
    ciphertext = unwrapped(ciphertext, lambda data: len(data) == size)
    if len(ciphertext) != size:
        raise BadDataError(f"the ciphertext has {len(ciphertext)} bytes; those of this key have {size}")
    return key.decapsulate(ciphertext)
