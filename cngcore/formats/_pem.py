"""Read the blocks of a PEM file, and write a block (RFC 7468)."""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error, a2b_base64
from dataclasses import dataclass

from cngcore.status import BadDataError

__all__ = ["Block", "build", "parse"]

_LINE = 64
_BOUNDARY = re.compile(rb"^-----(BEGIN|END) ([!-,.-~ ][!-~ ]*?)-----[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """One block: its label, its content, the headers of RFC 1421 before it, and its first line."""

    label: str
    content: bytes
    headers: dict[str, str]
    line: int
    text: bytes

    def __repr__(self) -> str:
        return f"<Block {self.label}, {len(self.content)} bytes>"


def parse(text: bytes) -> list[Block]:
    """Return the blocks of ``text``, in order. Ignore text outside of them, as RFC 7468 section 2 says.

    Raise BadDataError if the label at the end of a block is not the one at its begin, or if the content is not base64.
    """
    blocks: list[Block] = []
    begun: re.Match[bytes] | None = None
    line, first, counted = 1, 1, 0
    for boundary in _BOUNDARY.finditer(text):
        line += text.count(b"\n", counted, boundary.start())
        counted = boundary.start()
        label = boundary[2].decode("ascii")
        if boundary[1] == b"BEGIN":
            if begun is not None:
                raise BadDataError(f"PEM: a block begins on line {line} before the previous block has ended")
            begun, first = boundary, line
            continue
        if begun is None or begun[2] != boundary[2]:
            raise BadDataError(f"PEM: line {line} ends a block {label!r:.40} that has not begun")
        headers, body = _headers(text[begun.end() : boundary.start()])
        try:
            content = a2b_base64(b"".join(body.split()), strict_mode=True)
        except Error as error:
            raise BadDataError(f"PEM: the block on line {first} is not base64: {str(error).lower()}") from None
        blocks.append(Block(label, content, headers, first, text[begun.start() : boundary.end()]))
        begun = None
    if begun is not None:
        raise BadDataError(f"PEM: the block {begun[2].decode('ascii')!r:.40} has no END line")
    return blocks


def build(label: str, content: bytes | bytearray) -> bytearray:
    """Return one block: lines of 64 characters, each with a line feed."""
    encoded = b64encode(content)
    text = bytearray(f"-----BEGIN {label}-----\n".encode())
    for start in range(0, len(encoded), _LINE):
        text += encoded[start : start + _LINE] + b"\n"
    return text + f"-----END {label}-----\n".encode()


def _headers(body: bytes) -> tuple[dict[str, str], bytes]:
    """Remove the headers that old OpenSSL writes before an encrypted key, such as ``Proc-Type: 4,ENCRYPTED``."""
    lines = body.strip().splitlines()
    if not lines or b":" not in lines[0]:
        return {}, body
    headers = {}
    while lines and b":" in lines[0]:
        name, _, value = lines.pop(0).partition(b":")
        headers[name.decode("latin-1").strip()] = value.decode("latin-1").strip()
    return headers, b"\n".join(lines)
