"""Define the families and what each promises for any input.

A target takes bytes and returns a word for the result ("parsed", "STATUS_NOT_SUPPORTED"...). It raises :class:`Finding`
for a broken promise: an exception other than a CngError, an undocumented status, a key that changes when it is written
and read again, a handle that stays open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cngcore import bcrypt, formats
from cngcore.blobs import curves, dh, dsa, ecc, pq, rsa
from cngcore.formats import _der as der
from cngcore.status import NotSupportedError
from fuzz import calls, symmetric
from fuzz.findings import Finding, attempt
from fuzz.names import FORMS
from fuzz.statuses import CHECK, DOCUMENTED, PARSE

__all__ = ["FAMILIES", "run"]


class Form(NamedTuple):
    """One thing that a family reads: how to read and write it, and which algorithm and type import it."""

    name: str
    read: Callable[[bytes], Any]
    write: Callable[[Any], Any]
    algorithm: str = ""
    blob_type: str = ""


def _form(family: str, algorithm: str, blob_type: str) -> Form:
    kind = blob_type
    if not kind:
        known: Any = PROPERTIES[family]
        return Form(known.__name__, known.from_bytes, known.to_bytes)
    name = f"{algorithm} {kind}"
    if family == "ecc":
        use = algorithm.partition("_")[0]

        def write(key: Any) -> Any:
            curve = key.curve if key.parameters is None else curves.match(key.parameters)
            if curve is None or (key.parameters is not None and key.parameters != ecc.EccParameters.of(curve)):
                # a generic magic without its curve, a curve without a name, or one with a seed
                raise NotSupportedError("the core does not write this")
            numbers = {"curve": curve, "x": key.x, "y": key.y, "d": key.d}
            return ecc.build(kind, family=use, generic=key.curve is None, **numbers)

        return Form(name, lambda data: ecc.parse(kind, data, family=use), write, algorithm, kind)
    if family == "pq":
        return Form(
            name,
            lambda data: pq.parse(kind, data),
            lambda key: pq.build(kind, key.parameter_set, key.key),
            algorithm,
            kind,
        )
    module: Any = {"rsa": rsa, "dsa": dsa, "dh": dh}[family]
    return Form(name, lambda data: module.parse(kind, data), lambda key: module.build(kind, key), algorithm, kind)


GENERIC = ("ECDSA", "ECDH")
"""Algorithms whose exports have a generic magic, which needs the curve to be set on the algorithm: none is set here."""
PROPERTIES = {"dsa": dsa.DsaParameters, "dh": dh.DhParameters, "ecc": ecc.EccParameters}
BLOBS = {family: [_form(family, *form) for form in forms] for family, forms in FORMS.items()}
"""The blob families. The first byte of an input chooses the form of the rest."""


def blob(family: str, data: bytes) -> str:
    """Read, write and read again; import what the parser accepts into the provider as well."""
    forms = BLOBS[family]
    if not data:
        return "empty"
    form, content = forms[data[0] % len(forms)], data[1:]
    key, refusal = attempt(form.name, PARSE, form.read, content)
    if refusal is not None:
        if form.algorithm and data[0] & 1:
            imported(form, content)
        return refusal.name
    written, refusal = attempt(f"{form.name}, written", PARSE, form.write, key)
    if refusal is None:
        again, refusal = attempt(f"{form.name}, read again", PARSE, form.read, bytes(written))
        if refusal is not None or not _same(again, key):
            raise Finding(f"{form.name}: its own output reads as {again!r} ({refusal}), not as {key!r}")
        if bytes(form.write(again)) != bytes(written):
            raise Finding(f"{form.name}: the second output differs from the first")
    return "parsed, " + (imported(form, content) if form.algorithm else "a property")


def _same(written: Any, key: Any) -> bool:
    """Return whether two keys are equal. An RSA number may be absent, as 0, or computed on writing."""
    if isinstance(key, rsa.RsaKey) and isinstance(written, rsa.RsaKey):
        pairs = [(getattr(key, name), getattr(written, name)) for name in rsa.RsaKey.__slots__]
        return all(one == other or 0 in (one, other) for one, other in pairs)
    return bool(written == key)


def imported(form: Form, content: bytes) -> str:
    """Import with the flat API and the provider. An imported key must export, and import again."""
    status, algorithm = bcrypt.BCryptOpenAlgorithmProvider(form.algorithm)
    if status or algorithm is None:
        return "not installed"
    try:
        status, key = bcrypt.BCryptImportKeyPair(algorithm, None, form.blob_type, content)
        if status not in DOCUMENTED["BCryptImportKeyPair"] or (key is None) == status.is_success:
            raise Finding(f"{form.name}: import answers {status.name}, {key}")
        if key is None:
            return status.name
        try:
            _exports(form, algorithm, key)
        finally:
            bcrypt.BCryptDestroyKey(key)
        return "imported"
    finally:
        bcrypt.BCryptCloseAlgorithmProvider(algorithm)


def _exports(form: Form, algorithm: int, key: int) -> None:
    for kind in {form.blob_type, form.blob_type.replace("PRIVATE", "PUBLIC").replace("SEED", "")}:
        status, size = bcrypt.BCryptExportKey(key, None, kind)
        if status not in DOCUMENTED["BCryptExportKey"]:
            raise Finding(f"{form.name}: export as {kind} answers {status.name}")
        # written, but never read (contract: rule-import-legacy)
        if not status.is_success or kind == "CAPIPUBLICBLOB":
            continue
        output = bytearray(size or 0)
        status, _ = bcrypt.BCryptExportKey(key, None, kind, output)
        status, again = bcrypt.BCryptImportKeyPair(algorithm, None, kind, output)
        if status and form.algorithm not in GENERIC:
            raise Finding(f"{form.name}: its own export as {kind} is refused with {status.name}")
        if again is not None:
            bcrypt.BCryptDestroyKey(again)


def interchange(data: bytes) -> str:
    """Detect and read any file. Write each key in every suitable form and read it again unchanged."""
    name, refusal = attempt("detect", PARSE, formats.detect, data)
    found, refusal = attempt("decode", PARSE, formats.decode_all, data)
    if refusal is not None:
        return refusal.name
    for each in found:
        if each.format == "cng" and each.key.is_private:
            _, refusal = attempt("check", CHECK, formats.check, each.key)
            if refusal is not None:  # only a blob is read whose halves belong to different keys
                continue
        for form in ("pkcs8" if each.key.is_private else "spki", "jwk"):
            written, refusal = attempt(f"{form}, written", PARSE, formats.encode, each.key, form)
            if refusal is not None:
                continue
            again, refusal = attempt(f"{form}, read again", PARSE, formats.decode, bytes(written))
            if refusal is not None:
                raise Finding(f"{form} of {each.key!r}, from {name}, is refused: {refusal.name}")
            if again.family != each.key.family or again.is_private != each.key.is_private:
                raise Finding(f"{form}: {each.key!r} comes back as {again!r}")
    return "read"


def der_elements(data: bytes) -> str:
    """Test the DER reader alone: the first byte is the number of steps, then come the steps and the DER."""
    count = data[0] % 8 if data else 0
    reader = der.Reader(data[1 + count :], "an input")
    for step in data[1 : 1 + count]:
        name = ("integer", "octets", "bits", "oid", "sequence", "element", "inside", "inside_bits")[step % 8]
        arguments = () if name in ("sequence", "oid", "element") else ("a field",)
        answer, refusal = attempt(name, PARSE, getattr(reader, name), *arguments)
        if refusal is not None:
            return refusal.name
        if isinstance(answer, der.Reader):
            reader = answer
        elif isinstance(answer, int) and der.Reader(der.integer(answer), "again").integer("again") != answer:
            raise Finding("an integer changes when it is written and read")
        elif name == "oid" and der.Reader(der.oid(answer), "again").oid() != answer:
            raise Finding(f"{answer} changes when it is written and read")
    return "read"


FAMILIES: dict[str, Callable[[bytes], str]] = {
    **{family: lambda data, family=family: blob(family, data) for family in BLOBS},
    "formats": interchange,
    "der": der_elements,
    "flat": calls.play,
    "symmetric": symmetric.examine,
}


def run(family: str, data: bytes) -> str:
    """Run one input and return the word for its result. Raise :class:`Finding` for a broken promise."""
    if family == "keyfiles":  # needs cryptography, and no corpus: its files are made
        from fuzz import keyfiles

        return keyfiles.examine(data)
    return FAMILIES[family](data)
