"""Check properties by phase: what can be read, what can be set, and how others are refused.

contract: rule-set-property, rule-get-property.
"""

from __future__ import annotations

from cngcore._imports import resolve
from cngcore._values import encode
from cngcore.conformance._check import bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Implementation, Kind
from cngcore.objects import AlgorithmProvider, KeyPair
from cngcore.provider import Property
from cngcore.status import NTStatus

_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
_HANDLE = NTStatus.STATUS_INVALID_HANDLE
_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_UNKNOWN = ("", "keylength", "KeyLength ", "KeyLength\0", "NoSuchProperty")
_NO_NAMES: tuple[object, ...] = (None, 7, b"KeyLength")
_WRONG: dict[object, tuple[object, ...]] = {
    int: ("text", b"\0\0\0\0", 1.0, None, True),
    str: (1, b"t\0e\0\0\0", None),
    bytes: ("text", 1),
    tuple: ("text", 1, None),
}


def _fits(value: object, declared: Property) -> bool:
    kind = resolve(declared.type)
    if kind is int:
        return type(value) is int and 0 <= value < 1 << 32
    return type(value) is kind if kind in (str, bytes, tuple) else isinstance(value, kind)  # type: ignore[arg-type]


@check(
    "properties-of-algorithm",
    "implementation",
    rule="contract: rule-set-property, rule-get-property",
    remedy="Declare each property with the phases in which it can be read and set, and give it a value, or a function "
    "of the properties, for the phases before Finalize.",
)
def properties_of_algorithm(one: Implementation) -> None:
    """On an opened algorithm, properties declared readable can be read; all others are NOT_SUPPORTED."""
    opened = one.open()
    same(granted(opened.get_property, "AlgorithmName"), one.algorithm.name, "reading AlgorithmName")
    for item in one.algorithm.properties.values():
        doing = f"reading {item.name} of the algorithm"
        status, value = status_of(opened.get_property, item.name)
        if "r" not in item.when.algorithm:
            same(status.name, _NOT_SUPPORTED.name, doing)
        elif status != _NOT_SUPPORTED:  # declared readable, but not set and without a value of its own
            demand(status.is_success and _fits(value, item), f"a {item.type}", f"{status.name}: {value!r:.80}", doing)
        if "w" not in item.when.algorithm:
            refused(opened.set_property, item.name, 1, by=_NOT_SUPPORTED, doing=f"setting {item.name} on the algorithm")
    for name in _UNKNOWN:
        refused(opened.get_property, name, by=_NOT_SUPPORTED, doing=f"reading {name!r}")
        refused(opened.set_property, name, 1, by=_NOT_SUPPORTED, doing=f"setting {name!r}")
    for wrong in _NO_NAMES:
        refused(opened.get_property, wrong, by=_INVALID, doing=f"reading a property named {wrong!r}")
    opened.close()


@check(
    "properties-settable",
    "implementation",
    rule="contract: rule-set-dh-parameters, rule-set-dsa-parameters, rule-set-curve-name, rule-set-ecc-parameters",
    remedy="List the legal values of a settable property in values, or refuse others in check with the contract's "
    "status; declare the type of its values.",
)
def properties_settable(one: Implementation) -> None:
    """Each listed value can be set and read back; another is NOT_SUPPORTED, another type INVALID_PARAMETER."""
    for item in one.properties("algorithm", "w"):
        _settable(one.open(), item, "the algorithm")
    if not one.kinds:
        return
    for item in one.properties("empty", "w"):
        if item.name != "KeyLength":
            _settable(one.kinds[0].empty(), item, "an empty key")


def _settable(target: KeyPair | AlgorithmProvider, item: Property, what: str) -> None:
    put, get = target.set_property, target.get_property
    readable = "r" in (item.when.algorithm if what == "the algorithm" else item.when.empty)
    for value in item.values or ():
        granted(put, item.name, value, doing=f"setting {item.name} to {value!r} on {what}")
        if readable:
            same(granted(get, item.name), value, f"reading {item.name} of {what} after setting it")
    kind = resolve(item.type)
    for wrong in _WRONG.get(kind, (1, "text", None)):
        refused(put, item.name, wrong, by=_INVALID, doing=f"setting {item.name} to a {type(wrong).__name__} on {what}")
    if item.values is not None and kind is str:
        refused(put, item.name, "no such value", by=_NOT_SUPPORTED, doing=f"setting {item.name} to an unknown name")


@check(
    "properties-of-empty-key",
    "key",
    rule="contract: rule-life-unfinalized, rule-get-property",
    remedy="Declare in When(empty=...) what an empty key answers; give it a value or a function of the properties.",
)
def properties_of_empty_key(kind: Kind) -> None:
    """On an empty key, declared properties can be read, those of a finalized key are INVALID_HANDLE, others
    NOT_SUPPORTED.
    """
    key = kind.empty()
    same(granted(key.get_property, "AlgorithmName"), kind.algorithm.name, "reading AlgorithmName of an empty key")
    for item in kind.algorithm.properties.values():
        doing = f"reading {item.name} of an empty key"
        status, value = status_of(key.get_property, item.name)
        if "r" in item.when.empty:
            answered = status.is_success and _fits(value, item)
            refusing = status in (_NOT_SUPPORTED, _HANDLE) and (item.value is None or callable(item.value))
            demand(answered or refusing, "a value of its type", f"{status.name}: {value!r:.80}", doing)
        else:
            same(status.name, (_HANDLE if "r" in item.when.finalized else _NOT_SUPPORTED).name, doing)
        if "w" not in item.when.empty:
            refused(key.set_property, item.name, 1, by=_NOT_SUPPORTED, doing=f"setting {item.name} on an empty key")
    for name in _UNKNOWN:
        refused(key.get_property, name, by=_NOT_SUPPORTED, doing=f"reading {name!r} of an empty key")
        refused(key.set_property, name, 1, by=_NOT_SUPPORTED, doing=f"setting {name!r} on an empty key")
    key.destroy()


@check(
    "properties-of-key",
    "key",
    rule="contract: rule-get-property",
    remedy="Answer in get_property every property declared readable on a finalized key, in the declared type; declare "
    "none that the key does not have.",
)
def properties_of_key(kind: Kind) -> None:
    """On a finalized key and its public half, every declared property has a value of its type, the same each time."""
    for key, what in ((kind.key, "a finalized key"), (kind.public_only(), "a public half")):
        for item in kind.algorithm.properties.values():
            doing = f"reading {item.name} of {what}"
            if "r" not in item.when.finalized:
                refused(key.get_property, item.name, by=_NOT_SUPPORTED, doing=doing)
                continue
            value = granted(key.get_property, item.name, doing=doing)
            demand(_fits(value, item), f"a value of type {item.type}", f"{type(value).__name__}", doing)
            same(granted(key.get_property, item.name), value, f"{doing} again")
        for name in _UNKNOWN:
            refused(key.get_property, name, by=_NOT_SUPPORTED, doing=f"reading {name!r} of {what}")
    key = kind.new()
    for item in kind.properties_to_refuse():
        doing = f"setting {item.name} on a finalized key"
        value = granted(key.get_property, item.name) if "r" in item.when.finalized else 1
        refused(key.set_property, item.name, value, by=_HANDLE, doing=doing)
    key.destroy()


@check(
    "properties-true",
    "key",
    rule="contract: rule-get-property",
    remedy="Let SignatureLength, BlockLength, PublicKeyLength, the KEM lengths and the rest give the real sizes: "
    "bytes of a signature, of a ciphertext, bits of the key.",
)
def properties_true(kind: Kind) -> None:
    """Properties are true: lengths are those of the results, names those that the key was made with."""
    from cngcore.conformance import _samples as ways
    from cngcore.conformance._signing import sign

    key = kind.key
    answers = {name: kind.value(name) for name in kind.algorithm.properties}
    if kind.parameter_set is not None:
        same(granted(key.get_property, "ParameterSetName"), kind.parameter_set, "reading ParameterSetName")
    for name, value in kind.settings.items():
        same(answers.get(name), value, f"reading {name} of a finalized key")
    if answers.get("SignatureLength") is not None:
        way = ways.signing(kind)[0]
        same(
            answers["SignatureLength"],
            len(sign(kind, way.data, way.padding)),
            "comparing SignatureLength with a signature",
        )
        same(answers["SignatureLength"], key.size_of("sign"), "comparing SignatureLength with the size query")
    if answers.get("BlockLength") is not None and "encrypt" in kind.algorithm.operations:
        same(answers["BlockLength"], key.size_of("encrypt"), "comparing BlockLength with the size of a ciphertext")
    if "encapsulate" in kind.algorithm.operations:
        secret, ciphertext = granted(key.encapsulate)
        for name, size in (("KEMSharedSecretLength", len(secret)), ("KEMCiphertextLength", len(ciphertext))):
            if answers.get(name) is not None:
                same(answers[name], size, f"comparing {name} with what encapsulation gives")
    _strengths(kind, answers)


def _strengths(kind: Kind, answers: dict[str, object]) -> None:
    """Check that KeyStrength and PublicKeyLength are the bits of the key, or those of the curve's table."""
    from cngcore.blobs.curves import CURVES

    bits = answers.get("KeyLength")
    curve = CURVES.get(str(answers.get("ECCCurveName")))
    strength = answers.get("KeyStrength")
    if strength is not None and (curve is not None or bits is not None):
        same(strength, curve.key_strength if curve is not None else bits, "reading KeyStrength")
    if answers.get("PublicKeyLength") is not None and bits is not None:
        same(answers["PublicKeyLength"], curve.bits if curve is not None else bits, "reading PublicKeyLength")


@check(
    "properties-flat",
    "key",
    rule="contract: rule-size-query, rule-strings, rule-layout",
    remedy="Answer with the declared Python type; the core encodes it for C code.",
)
def properties_flat(kind: Kind) -> None:
    """The flat API gives the same values: size query, exact buffer, and an untouched short buffer."""
    with kind.flat_key() as (_, key):
        for item in kind.algorithm.properties.values():
            if "r" not in item.when.finalized:
                continue
            value = kind.key.get_property(item.name)
            size = granted(bcrypt.BCryptGetProperty, key, item.name, doing=f"asking the size of {item.name}")
            short = bytearray(b"\xa5" * (size - 1))
            status, needed = bcrypt.BCryptGetProperty(key, item.name, short)
            same((status.name, needed), ("STATUS_BUFFER_TOO_SMALL", size), f"reading {item.name} into a short buffer")
            demand(short == b"\xa5" * (size - 1), "an untouched buffer", "a changed one", f"reading {item.name}")
            buffer = bytearray(size)
            granted(bcrypt.BCryptGetProperty, key, item.name, buffer, doing=f"reading {item.name}")
            if isinstance(value, int | str | bytes) and item.name in _CONSTANT:
                same(bytes(buffer), encode(value), f"reading {item.name} in both APIs")


_CONSTANT = (
    "KeyLength", "KeyStrength", "PublicKeyLength", "SignatureLength", "BlockLength", "PaddingSchemes", "ECCCurveName",
    "KEMSharedSecretLength", "KEMCiphertextLength", "ParameterSetName",
)  # fmt: skip
