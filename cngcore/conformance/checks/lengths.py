"""Check which key lengths Generate and SetProperty(KeyLength) accept, and whether a key has the requested length."""

from __future__ import annotations

import time
from collections.abc import Mapping

from cngcore import windows
from cngcore.conformance._check import Skip, bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Implementation, Kind
from cngcore.provider import LengthRule
from cngcore.status import NTStatus

_RULE = "contract: rule-generate-length"
_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NO_NUMBERS: tuple[object, ...] = ("1024", b"\0\4\0\0", 1024.0, None, True, [1024])


def _rule(one: Implementation, version: str) -> LengthRule | None:
    declared = one.algorithm.key_lengths
    return declared.for_windows(version) if declared is not None else None


def boundaries(rule: LengthRule) -> list[int]:
    """Return lengths at and beside every edge of a rule."""
    found = {-(1 << 31), -64, -1, 0, 1, 7, 8, 255, 256, 257, 1023, 1024, 2048, 1 << 16, (1 << 32) - 1, 1 << 32, 1 << 70}
    limits = rule.key_lengths()
    if limits is not None:
        step = limits.step or 1
        for edge in (limits.minimum, limits.minimum + step, limits.maximum - step, limits.maximum):
            found |= {edge - step, edge - 8, edge - 1, edge, edge + 1, edge + 8, edge + step}
        found |= {-limits.minimum, limits.minimum * 8, limits.maximum * 2}
    legal = rule.legal
    if isinstance(legal, tuple | list | frozenset | set):
        found |= {bits + off for bits in legal for off in (-1, 0, 1)}
    return sorted(found)


@check(
    "length-rule",
    "implementation",
    rule=_RULE,
    remedy="State the rule once, as a LengthRule of cngcore.provider: its legal, accepts() and key_lengths() must "
    "agree on every length.",
    needs=lambda one: "" if one.has_keys else "it has no key pairs",
)
def length_rule(one: Implementation) -> None:
    """Generate accepts every legal length and no other, on every Windows version, in both APIs."""
    seen: list[LengthRule] = []
    for version in windows.VERSIONS:
        rule = _rule(one, version)
        if rule is None or rule in seen or windows.release(version) < windows.release(one.algorithm.introduced):
            continue
        if not windows.has(version, "algorithm", one.algorithm.name):
            continue
        seen.append(rule)
        opened = one.open(version=version)
        for bits in boundaries(rule):
            legal = rule.accepts(bits, {})
            if rule.legal is not None:
                same(bits in rule.legal, legal, f"asking legal and accepts() of the rule about {bits} bits")
            doing = f"generating a key of {bits} bits as Windows {version}"
            if legal:
                key = granted(opened.generate_key_pair, bits, doing=doing)
                same(key.state, "empty", doing)
                key.destroy()
            else:
                refused(opened.generate_key_pair, bits, by=_INVALID, doing=doing)
        for value in _NO_NUMBERS:
            refused(opened.generate_key_pair, value, by=_INVALID, doing=f"generating a key of {value!r} bits")
        opened.close()
    _flat(one)


def _flat(one: Implementation) -> None:
    """Check the same with the flat API, for the newest Windows."""
    rule = _rule(one, windows.NEWEST)
    assert rule is not None  # noqa: S101 - the check applies to algorithms with keys
    handle = granted(bcrypt.BCryptOpenAlgorithmProvider, one.algorithm.name, one.algorithm.implementation)
    for bits in boundaries(rule):
        status, key = status_of(bcrypt.BCryptGenerateKeyPair, handle, bits)
        expected = NTStatus.STATUS_SUCCESS if rule.accepts(bits, {}) else _INVALID
        same(status.name, expected.name, f"BCryptGenerateKeyPair with {bits} bits")
        if key is not None:
            granted(bcrypt.BCryptDestroyKey, key)
    granted(bcrypt.BCryptCloseAlgorithmProvider, handle)


@check(
    "key-lengths",
    "implementation",
    rule="contract: rule-generate-length, rule-get-property",
    remedy="Let key_lengths() of the rule describe exactly what accepts() accepts; return None if minimum, maximum and "
    "step cannot.",
    needs=lambda one: "" if one.has_keys else "it has no key pairs",
)
def key_lengths(one: Implementation) -> None:
    """The KeyLengths property describes the rule: minimum, maximum and step, and nothing between the steps."""
    for version in windows.VERSIONS:
        rule = _rule(one, version)
        if rule is None or windows.release(version) < windows.release(one.algorithm.introduced):
            continue
        if not windows.has(version, "algorithm", one.algorithm.name):
            continue
        opened = one.open(version=version)
        limits = rule.key_lengths()
        if limits is None:
            refused(opened.get_property, "KeyLengths", by=NTStatus.STATUS_NOT_SUPPORTED, doing="reading KeyLengths")
            continue
        same(granted(opened.get_property, "KeyLengths"), limits, f"reading KeyLengths as Windows {version}")
        demand(
            0 < limits.minimum <= limits.maximum and limits.step >= 0
            and (limits.maximum - limits.minimum) % max(1, limits.step) == 0,
            "a minimum, a maximum and a step from one to the other", repr(limits), "reading KeyLengths",
        )  # fmt: skip
        for bits in boundaries(rule):
            legal = limits.minimum <= bits <= limits.maximum and (bits - limits.minimum) % (limits.step or 1) == 0
            same(rule.accepts(bits, {}), legal, f"asking the rule about {bits} bits, KeyLengths being {limits!r}")
        opened.close()


@check(
    "length-settable",
    "implementation",
    rule="contract: rule-set-key-length, rule-python-key-lengths",
    remedy="Declare KeyLength with When(empty='rw', finalized='r') and make the key of request.length in generate().",
    needs=lambda one: (
        ""
        if "KeyLength" in one.algorithm.properties and "w" in one.algorithm.properties["KeyLength"].when.empty
        else "its KeyLength cannot be set"
    ),
)
def length_settable(one: Implementation) -> None:
    """SetProperty(KeyLength) on an empty key accepts what Generate accepts; a refusal keeps the old length."""
    rule = _rule(one, windows.NEWEST)
    kind = one.kinds[0]
    key = kind.empty()
    before = granted(key.get_property, "KeyLength")
    same(before, kind.length, "reading KeyLength of an empty key")
    for bits in boundaries(rule):  # type: ignore[arg-type]
        doing = f"setting KeyLength to {bits}"
        if rule is not None and rule.accepts(bits, {}):
            granted(key.set_property, "KeyLength", bits, doing=doing)
            before = bits
        else:
            refused(key.set_property, "KeyLength", bits, by=_INVALID, doing=doing)
        same(key.get_property("KeyLength"), before, f"reading KeyLength after {doing}")
    for value in _NO_NUMBERS:
        refused(key.set_property, "KeyLength", value, by=_INVALID, doing=f"setting KeyLength to {value!r}")
    key.destroy()
    expected = one.kinds[-1].length
    key = kind.empty()
    granted(key.set_property, "KeyLength", expected)
    granted(key.finalize, doing=f"finalizing a key opened with {kind.length} bits and set to {expected}")
    same(key.get_property("KeyLength"), expected, "reading KeyLength of the finalized key")
    refused(
        key.set_property,
        "KeyLength",
        expected + 64,
        by=_INVALID,
        doing="setting another KeyLength once it is finalized",
    )
    granted(key.set_property, "KeyLength", expected, doing="setting its own KeyLength once it is finalized")
    key.destroy()


@check(
    "length-honoured",
    "key",
    rule="contract: rule-generate-length, rule-get-property",
    remedy="Make the key of exactly request.length bits, and let KeyLength and KeyStrength be the size of the key.",
    needs=lambda one: "a parameter set determines the size of the key" if one.algorithm.parameter_sets else "",
)
def length_honoured(kind: Kind) -> None:
    """A new key has the requested length, by its properties and in its blobs."""
    limits = kind.value("KeyLength")
    if not kind.length:
        if limits is None:
            raise Skip("the algorithm chose the length, and KeyLength is not a property")
        demand(isinstance(limits, int) and limits > 0, "bits", repr(limits), "reading KeyLength")
        return
    if limits is not None:
        same(limits, kind.length, "reading KeyLength of a finalized key")
    bits = _bits_in_blob(kind)
    if bits is None and limits is None:
        raise Skip("neither KeyLength nor a blob with a known layout gives the length")
    if bits is not None:
        same(bits, kind.length, "reading the length in the public blob")


@check(
    "length-longest",
    "implementation",
    rule=_RULE,
    remedy="Make keys of the longest declared length, or declare a shorter one.",
    needs=lambda one: (
        ""
        if one.has_keys and (limits := one.algorithm.key_lengths.key_lengths()) and limits.maximum > limits.minimum
        else "its keys have one length, or none that is declared"
    ),
)
def length_longest(one: Implementation) -> str:
    """A key of the longest declared length can be made, and has that length (only with --cng-slow: it takes long)."""
    if not one.options.slow:
        raise Skip("left to --cng-slow, because it may take minutes")
    limits = one.opened.get_property("KeyLengths")
    most = one.options.longest
    if most and limits.maximum > most:
        raise Skip(f"left out by --cng-longest={most}: the longest has {limits.maximum} bits")
    begun = time.perf_counter()
    length_honoured(Kind(one, limits.maximum))
    return f"{limits.maximum} bits in {time.perf_counter() - begun:.0f} s"


def _bits_in_blob(kind: Kind) -> int | None:
    """Return the length in a public blob of a known layout (contract: rule-layout)."""
    readers: Mapping[str, tuple[int, int]] = {"RSAPUBLICBLOB": (4, 1), "DHPUBLICBLOB": (4, 8), "DSAPUBLICBLOB": (4, 8)}
    for name, (offset, factor) in readers.items():
        if name in kind.blob_types(exports=True):
            return int.from_bytes(kind.key.export(name)[offset : offset + 4], "little") * factor
    if "ECCPUBLICBLOB" in kind.blob_types(exports=True):
        from cngcore.blobs.curves import CURVES

        blob = kind.key.export("ECCPUBLICBLOB")
        size = int.from_bytes(blob[4:8], "little")
        x, y = (int.from_bytes(blob[8 + i * size : 8 + (i + 1) * size], "big") for i in (0, 1))
        for curve in CURVES.values():
            if curve.field_bytes == size and curve.curve_type == 1 and curve.on_curve(x, y):
                return curve.bits
    return None
