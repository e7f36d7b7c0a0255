"""Read ``RSAKeyValue``, the XML of RSA keys in .NET (RSA.ToXmlString, RFC 3275 section 4.4.2.2).

No XML parser is used: the eight elements are read by their names, so entities and nesting cost nothing.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64

from cngcore.blobs import rsa
from cngcore.blobs.rsa import RsaKey
from cngcore.formats._complete import primes
from cngcore.formats._model import Key
from cngcore.status import BadDataError, InvalidParameterError

__all__ = ["is_xml", "read"]

_HEAD = re.compile(rb"\s*(?:<\?xml[^<>]{0,200}\?>\s*)?<(?:[\w.-]{1,40}:)?RSAKeyValue[\s>]")
_ELEMENT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(Modulus|Exponent|D|P|Q|DP|DQ|InverseQ)\s*>([A-Za-z0-9+/=\s]*)</(?:[\w.-]{1,40}:)?\1\s*>"
)
_OPEN = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:Modulus|Exponent|D|P|Q|DP|DQ|InverseQ)[\s/>]")
_NAMES = {"Modulus": "n", "Exponent": "e", "P": "p", "Q": "q", "DP": "dp", "DQ": "dq", "InverseQ": "qinv", "D": "d"}


def is_xml(text: bytes) -> bool:
    """Return whether the text is an RSAKeyValue."""
    return _HEAD.match(text) is not None


def read(text: bytes) -> Key:
    """Return the key. Raise BadDataError for a missing or repeated element and for numbers that are no key."""
    numbers: dict[str, int] = {}
    for found in _ELEMENT.finditer(text):
        name = _NAMES[found[1].decode()]
        try:
            content = a2b_base64(b"".join(found[2].split()), strict_mode=True)
        except Error:
            raise BadDataError(f"XML: {found[1].decode()} is not base64") from None
        if name in numbers or len(content) > 2049:
            raise BadDataError(f"XML: {found[1].decode()} is there twice, or above 16384 bits")
        numbers[name] = int.from_bytes(content, "big")
    if len(_OPEN.findall(text)) != len(numbers):
        raise BadDataError("XML: an element of the RSAKeyValue is not base64, or is not closed")
    if not (numbers.get("n") and numbers.get("e")):
        raise BadDataError("XML: the RSAKeyValue has no Modulus or no Exponent")
    private = set(numbers) - {"n", "e"}
    try:
        if private and {"p", "q"} <= private:
            return Key("RSA", rsa.complete(RsaKey(**numbers)))
        if private == {"d"}:
            return Key("RSA", rsa.complete(primes(numbers["n"], numbers["e"], numbers["d"])))
    except InvalidParameterError as error:
        raise BadDataError(f"XML: {error.message}") from None
    if private:
        raise BadDataError("XML: the RSAKeyValue has a part of the private numbers; P and Q, or D are required")
    return Key("RSA", RsaKey(numbers["n"], numbers["e"]))
