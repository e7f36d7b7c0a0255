"""Play cases: call C functions through their addresses with what the words of the corpus say, and note the answers.

A word becomes one or two arguments of 64 bits. So this player, like ``recorder.c``, knows no signatures of functions.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from cngcore.status import InvalidParameterError
from cngcore.windll import _memory as memory
from cngcore.windll._structures import c_structure, size_of
from cngcore.windll.compare._corpus import fnv, hexadecimal, split
from cngcore.windll.compare._recording import MISSING, SKIPPED, Answer, Played

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from cngcore.windll.compare._corpus import Call, Case

    Find = Callable[[str], int | None]

_SUCCESS, _TOO_SMALL = 0, 0xC0000023
_MOST = 10
"""The most arguments of a function of bcrypt.h (BCryptEncrypt)."""

_SLACK = 256
"""Bytes behind every input, so that an output that shares its buffer can be longer."""

_FILL = 0xA5
_UNTOUCHED = 0xAAAAAAAA
_NO_HANDLE = 0x5A5A5A5A5A5A5A5A
"""What stands where a handle goes before the call: a failed call must not write there."""

_CALLER = ctypes.CFUNCTYPE(ctypes.c_uint32, *[ctypes.c_uint64] * _MOST)
_AUTH_BYTES = {"nonce": "Nonce", "aad": "AuthData", "tag": "Tag"}
_AUTH_NUMBERS = {
    "flags": "dwFlags", "cbaad": "cbAAD", "cbdata": "cbData", "cbsize": "cbSize", "version": "dwInfoVersion",
}  # fmt: skip
_LIST_STRIDES = {"algorithms": 16, "names": 8, "providers": 8}


class _NotMadeError(Exception):
    """A handle or an output that the call needs does not exist, because an earlier call failed."""


def play(case: Case, data: Mapping[str, bytes], find: Find) -> Played:
    """Play one case. ``find`` returns the address of a function, or None."""
    return Played(case.title, case.checksum, tuple(play_call_by_call(case, data, find)))


def play_call_by_call(case: Case, data: Mapping[str, bytes], find: Find) -> Iterator[Answer]:
    """Play one case, and return each answer as soon as it is known."""
    if memory.POINTER_SIZE != 8:
        raise InvalidParameterError("cng compare plays calls on 64-bit systems only")
    machine = _Machine(data)
    for call in case.calls:
        yield machine.call(call, find(call.function))


class _Output:
    """A buffer that a call writes: where it is, its size, whether its content is compared, and its name."""

    def __init__(self, address: int, size: int, suffix: str) -> None:
        mark, _, self.name = suffix.partition(":")
        self.address, self.size, self.compared = address, size, mark == "!"
        self.before = memory.read(address, size)
        self.result: int | None = None  # the address of its size


class _Machine:
    """The state of a case: handles, outputs, structures of authenticated modes, and memory that stays until its end."""

    def __init__(self, data: Mapping[str, bytes]) -> None:
        self.data = data
        self.handles: dict[str, int] = {}
        self.outputs: dict[str, bytes] = {}
        self.auths: dict[str, int] = {}
        self._memory: list[Any] = []

    def call(self, call: Call, address: int | None) -> Answer:
        """Make one call, and return its answer."""
        if address is None:
            return Answer(call.function, MISSING, ())
        try:
            now = _Words(self, call.words)
        except _NotMadeError:
            return Answer(call.function, SKIPPED, ())
        arguments = now.arguments + [0] * (_MOST - len(now.arguments))
        status = int(_CALLER(address)(*arguments))
        if call.function == "BCryptFreeBuffer":
            status = 0  # VOID: what stands in the register is no answer
        return Answer(call.function, f"{status:08x}", tuple(now.facts(status)))

    # --- memory -----------------------------------------------------------------------------------------------------

    def allocate(self, content: bytes, more: int = 8) -> int:
        """Return the address of a copy of some bytes."""
        block = ctypes.create_string_buffer(content, len(content) + more)
        self._memory.append(block)
        return ctypes.addressof(block)

    def text(self, word: str) -> int:
        """Return the address of a wide string of 2 bytes a character, or 0 for ``-``."""
        return self.allocate(wide_text(word)) if word != "-" else 0

    def bytes_of(self, word: str) -> bytes:
        """Return the bytes of a word: hexadecimal, shared data, or an earlier output and what is changed in it."""
        if word.startswith("x"):
            return hexadecimal(word)
        if word.startswith("d"):
            return self.data[word]
        word, _, behind = word.partition("+")
        word, _, change = word.partition("^")
        name, _, length = word.partition("/")
        if name not in self.outputs:
            raise _NotMadeError
        found = bytearray(self.outputs[name])
        if length:
            found = found[: int(length)]
        if change:
            offset, _, mask = change.partition(":")
            for index, bits in enumerate(bytes.fromhex(mask), int(offset)):
                if index < len(found):
                    found[index] ^= bits
        return bytes(found) + bytes.fromhex(behind)

    def pair(self, word: str) -> tuple[int, int]:
        """Return the address and the size of a word's bytes; twice 0 for ``~``."""
        if word == "~":
            return 0, 0
        content = self.bytes_of(word)
        return self.allocate(content, _SLACK), len(content)


def wide_text(word: str) -> bytes:
    """Return the characters of ``"text"`` with their NUL, at 2 bytes each."""
    text = word[1:-1].encode("ascii").decode("unicode_escape")
    return (text + "\0").encode("utf-16-le", "surrogatepass")


def _without_suffix(word: str) -> tuple[str, str]:
    """Return a word without ``!`` (compared) and ``:o1`` (kept under that name) at its end, and these."""
    body, colon, name = word.rpartition(":")
    if not colon or not name.startswith("o"):
        body, colon, name = word, "", ""
    mark = "!" if body.endswith("!") else ""
    return body.removesuffix("!"), mark + colon + name


class _Words:
    """The words of one call, and the memory where its answers will be."""

    def __init__(self, machine: _Machine, words: tuple[str, ...]) -> None:
        self.machine = machine
        self.arguments: list[int] = []
        self._new: list[tuple[str, int]] = []
        self._sizes: list[int] = []
        self._outputs: list[_Output] = []
        self._auths: list[int] = []
        self._lists: list[tuple[str, str, int]] = []
        self._input = 0
        for word in words:
            self._add(word)

    def _push(self, *arguments: int) -> None:
        self.arguments.extend(arguments)

    def _add(self, word: str) -> None:
        machine = self.machine
        if word == "-":
            self._push(0)
        elif word == "~":
            self._push(0, 0)
        elif word[0].isdigit():
            self._push(int(word, 0))
        elif word[0] == '"':
            self._push(machine.text(word))
        elif word[0] == "&":
            address = machine.allocate(_NO_HANDLE.to_bytes(8, "little"))
            self._new.append((word[1:], address))
            self._push(address)
        elif word[0] in "hp" and word[1:].isdigit():
            if word not in machine.handles:
                raise _NotMadeError
            self._push(machine.handles[word])
        elif word[0] == "n" and word[1] == "o":  # the handle that a property answered with
            self._push(int.from_bytes(machine.bytes_of(word[1:])[:8], "little"))
        elif word[0] in "xdo" and not word.startswith("oaep("):
            self._input, size = machine.pair(word)
            self._push(self._input, size)
        elif word[0] in "><^":
            self._output(word)
        elif word[0] in "@%":
            self._size(word)
        elif word[0] == "*":
            kind, _, name = word[1:].partition(":")
            address = machine.allocate(bytes(8))
            self._lists.append((kind, name, address))
            self._push(address)
        elif word[0] == "[":
            self._push(self._buffers(word[1:-1]))
        elif word[0] == "{":
            self._push(*self._operations(word[1:-1]))
        else:
            self._push(self._structure(word))

    # --- where answers go -------------------------------------------------------------------------------------------

    def _output(self, word: str) -> None:
        kind, (body, suffix) = word[0], _without_suffix(word[1:])
        if kind == "<":
            address, size = self.machine.pair(body)
        else:
            size = int(body)
            address = self.machine.allocate(bytes([_FILL]) * size) if kind == ">" else self._input
        self._outputs.append(_Output(address, size, suffix))
        self._push(address, size)

    def _size(self, word: str) -> None:
        address = self.machine.allocate(_UNTOUCHED.to_bytes(4, "little") if word[0] == "@" else b"\xaa")
        if word == "@" and self._outputs:
            self._outputs[-1].result = address
        if word != "@?":
            self._sizes.append(address)
        self._push(address)

    # --- structures -------------------------------------------------------------------------------------------------

    def _new_structure(self, name: str, values: tuple[int, ...]) -> int:
        made = c_structure(name)(*values)
        return self.machine.allocate(bytes(made))

    def _structure(self, word: str) -> int:
        head, _, inside = word.removesuffix(")").partition("(")
        parts = list(split(inside))
        machine = self.machine
        if head == "pkcs1":
            return self._new_structure("BCRYPT_PKCS1_PADDING_INFO", (machine.text(parts[0]),))
        if head == "pss":
            return self._new_structure("BCRYPT_PSS_PADDING_INFO", (machine.text(parts[0]), int(parts[1], 0)))
        if head == "oaep":
            return self._new_structure("BCRYPT_OAEP_PADDING_INFO", (machine.text(parts[0]), *machine.pair(parts[1])))
        if head == "pqdsa":
            return self._new_structure("BCRYPT_PQDSA_PADDING_INFO", (*machine.pair(parts[0]), machine.text(parts[1])))
        if head.startswith("auth"):
            return self._authenticated(head, parts)
        raise InvalidParameterError(f"{word!r} is no word of a call")

    def _authenticated(self, head: str, parts: list[str]) -> int:
        """Return the structure of that name, made anew or with the fields changed that are given."""
        name, suffix = _without_suffix(head)
        kind = c_structure("BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO")
        if name not in self.machine.auths:
            self.machine.auths[name] = self._new_structure(kind.__name__, (size_of(kind.__name__), 1))
        address = self.machine.auths[name]
        raw = kind.from_address(address)
        for part in parts:
            field, _, value = part.partition("=")
            if field in _AUTH_BYTES:
                where, size = self.machine.pair(value)
                setattr(raw, f"pb{_AUTH_BYTES[field]}", where)
                setattr(raw, f"cb{_AUTH_BYTES[field]}", size)
            elif field == "mac":
                raw.cbMacContext = int(value)
                raw.pbMacContext = self.machine.allocate(bytes(int(value))) if int(value) else 0
            else:
                setattr(raw, _AUTH_NUMBERS[field], int(value, 0))
        self._auths.append(address)
        if raw.pbTag and suffix:
            self._outputs.append(_Output(raw.pbTag, raw.cbTag, suffix))
        return address

    def _buffers(self, inside: str) -> int:
        items, count = b"", 0
        for part in split(inside):
            count += 1
            type_, _, value = part.partition("=")
            if value.startswith('"'):
                content = wide_text(value)
                where, size = self.machine.allocate(content), len(content)
            else:
                where, size = self.machine.pair(value)
            items += bytes(c_structure("BCryptBuffer")(size, int(type_), where))
        return self._new_structure("BCryptBufferDesc", (0, count, self.machine.allocate(items) if items else 0))

    def _operations(self, inside: str) -> tuple[int, int]:
        items = b""
        for part in split(inside):
            index, operation, buffer = part.split(":", 2)
            if buffer[0] == ">":
                self._output(buffer)
                size, where = self.arguments.pop(), self.arguments.pop()
            else:
                where, size = self.machine.pair(buffer)
            items += bytes(c_structure("BCRYPT_MULTI_HASH_OPERATION")(int(index), int(operation), where, size))
        return self.machine.allocate(items), len(items)

    # --- answers ----------------------------------------------------------------------------------------------------

    def facts(self, status: int) -> list[str]:
        """Return what the call wrote, and keep handles and outputs for later calls."""
        found = []
        machine = self.machine
        if status == _SUCCESS:
            for name, address in self._new:
                machine.handles[name] = memory.read_pointer(address)
        elif any(memory.read_pointer(address) != _NO_HANDLE for _, address in self._new):
            found.append("handle=written")
        if status in (_SUCCESS, _TOO_SMALL):
            found += [self._shown_size(address) for address in self._sizes]
        for index, one in enumerate(self._outputs, 1):
            content = memory.read(one.address, one.size)
            if status != _SUCCESS:
                if content != one.before:
                    found.append(f"out{index}=written")
                continue
            if one.result is not None:
                content = content[: memory.read_dword(one.result)]
            if one.name:
                machine.outputs[one.name] = content if one.address else b""
            if one.compared:
                found.append(f"out{index}={shown(content)}")
        if status == _SUCCESS:
            found += [self._shown_auth(address) for address in self._auths]
            found += [self._shown_list(*one) for one in self._lists]
        return found

    def _shown_size(self, address: int) -> str:
        size = memory.read_dword(address)
        return "size=untouched" if size == _UNTOUCHED else f"size={size}"

    def _shown_auth(self, address: int) -> str:
        raw = c_structure("BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO").from_address(address)
        return f"auth={raw.dwFlags:x}/{raw.cbAAD}/{raw.cbData}"

    def _shown_list(self, kind: str, name: str, address: int) -> str:
        start = memory.read_pointer(address)
        if name:
            self.machine.handles[name] = start
        count = memory.read_dword(self._counts())
        if kind == "providers":
            count, start = memory.read_dword(start), memory.read_pointer(start + 8)
        stride = _LIST_STRIDES[kind]
        names = [memory.text(memory.read_pointer(start + index * stride)) or "" for index in range(count)]
        return f"names={','.join(sorted(one.replace(' ', '_') for one in names))}"

    def _counts(self) -> int:
        return self.arguments[self.arguments.index(self._lists[0][2]) - 1]


def shown(content: bytes) -> str:
    """Return bytes as the recording has them: all of up to 64 bytes, else the first 16, the count and a hash."""
    if len(content) <= 64:
        return content.hex() or "empty"
    return f"{content[:16].hex()}..{len(content)}:{fnv(content, 64):016x}"
