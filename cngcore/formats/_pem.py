"""Read the blocks of a PEM file, and write a block (RFC 7468).

Read is also what people's tools leave of a PEM file: line ends of any kind or none, the two characters ``\\n`` in their
place, indentation, quotes, and the headers of RFC 1421. An error names a line and never the text on it, because that
may be a part of a private key.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error, a2b_base64
from dataclasses import dataclass

from cngcore.status import BadDataError, NotSupportedError

__all__ = ["MOST_BLOCKS", "Block", "build", "parse"]

_LINE = 64
MOST_HEADERS = 32
MOST_BLOCKS = 20_000
_BOUNDARY = re.compile(rb"-----(BEGIN|END) ([!-,.-~ ][ -~]{0,63}?)-----")
_ENCRYPTED = re.compile(
    rb"\s*Proc-Type:[ \t]*4,[ \t]*ENCRYPTED\s*"
    rb"DEK-Info:[ \t]*([A-Za-z0-9-]{1,40}),[ \t]*([0-9A-Fa-f]{16}(?:[0-9A-Fa-f]{16})?)(?=\s)"
)
_HEADER = re.compile(rb"[ \t]*([!-9;-~]{1,64}):[^\n]*(?:\n[ \t]+[^\n]*){0,64}+\n?")


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """One block: its label, its content and its first line.

    ``cipher`` and ``iv`` are those of the header DEK-Info of an encrypted block of old OpenSSL, else empty.
    """

    label: str
    content: bytes
    line: int
    cipher: str = ""
    iv: bytes = b""

    def __repr__(self) -> str:
        return f"<Block of {len(self.content)} bytes>"


def parse(text: bytes) -> list[Block]:
    """Return the blocks of ``text``, in order. Ignore text outside of them, as RFC 7468 section 2 says.

    Raise BadDataError if the label at the end of a block is not the one at its begin, or if the content is not base64.
    """
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    blocks: list[Block] = []
    begun: re.Match[bytes] | None = None
    line, first, counted = 1, 1, 0
    for boundary in _BOUNDARY.finditer(text):
        line += text.count(b"\n", counted, boundary.start())
        counted = boundary.start()
        if boundary[1] == b"BEGIN":
            if begun is not None:
                raise BadDataError(f"PEM: a block begins on line {line} before the previous block has ended")
            begun, first = boundary, line
            continue
        if begun is None:
            raise BadDataError(f"PEM: line {line} ends a block that has not begun")
        if begun[2] != boundary[2]:
            raise BadDataError(f"PEM: the block on line {first} ends on line {line} with another label")
        if len(blocks) >= MOST_BLOCKS:
            raise BadDataError(f"PEM: the file has more than {MOST_BLOCKS} blocks")
        blocks.append(_block(begun[2].decode("ascii"), text[begun.end() : boundary.start()], first))
        begun = None
    if begun is not None:
        raise BadDataError(
            f"PEM: the block on line {first} has no END line; look for a lost line feed or a file that was cut off"
        )
    return blocks


def build(label: str, content: bytes | bytearray) -> bytearray:
    """Return one block: lines of 64 characters, each with a line feed."""
    encoded = b64encode(content)
    text = bytearray(f"-----BEGIN {label}-----\n".encode())
    for start in range(0, len(encoded), _LINE):
        text += encoded[start : start + _LINE] + b"\n"
    return text + f"-----END {label}-----\n".encode()


def _block(label: str, body: bytes, line: int) -> Block:
    if b"\\n" in body:  # a JSON string or an environment variable
        body = body.replace(b"\\r", b"").replace(b"\\n", b"\n")
    cipher, iv = "", b""
    if encrypted := _ENCRYPTED.match(body):
        cipher, iv = encrypted[1].decode("ascii"), bytes.fromhex(encrypted[2].decode("ascii"))
        body = body[encrypted.end() :]
    body = _without_headers(body, line)
    try:
        content = a2b_base64(b"".join(body.split()), strict_mode=True)
    except Error as error:
        raise BadDataError(f"PEM: the block on line {line} is not base64: {str(error).lower()}") from None
    return Block(label, content, line, cipher, iv)


def _without_headers(body: bytes, line: int) -> bytes:
    """Return what follows the headers. They stand before the base64, which has no colon."""
    body = body.lstrip()
    at = count = 0
    while header := _HEADER.match(body, at):
        count += 1
        if count > MOST_HEADERS:
            raise BadDataError(f"PEM: the block on line {line} has more than {MOST_HEADERS} headers")
        if header[1].lower() in (b"proc-type", b"dek-info") and b"MIC-" not in header[0]:
            raise NotSupportedError(
                f"PEM: the headers Proc-Type and DEK-Info of the block on line {line} are malformed, "
                "or of an encryption that cannot be read"
            )
        at = header.end()
    return body[at:]
