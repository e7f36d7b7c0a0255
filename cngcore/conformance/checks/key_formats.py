"""Check what a provider says of the files of its keys: write them, read them, and compare them with another library."""

from __future__ import annotations

from typing import Any

from cngcore import formats
from cngcore.conformance._check import Failure, Skip, check, demand, granted, same
from cngcore.conformance._subject import Implementation, Kind, Provider
from cngcore.objects import KeyPair
from cngcore.provider import KeyFormat

_MEMBERS = {"OKP": ("x", "d"), "AKP": ("pub", "priv")}
"""The members of the public and of the private key, by the key types of RFC 8037 and RFC 9964."""


def _describes_none(provider: Provider) -> str:
    """Return why there is nothing to test: no format, and no fault of one."""
    registry = provider.registry()
    if registry.key_formats() or any(fault.stage == "formats" for fault in registry.faults()):
        return ""
    return "it describes no key formats"


@check(
    "key-formats",
    "provider",
    needs=_describes_none,
    rule="RFC 5958, RFC 5280, RFC 8410, RFC 7517, RFC 8037, RFC 9964; the documentation of KeyFormat",
    remedy="Correct the KeyFormat: its identifier, blob types and lengths; unpack must give the encoded key of RFC or "
    "FIPS, and pack must make the same blob of it. Two algorithms never share an identifier or the members of a JWK.",
)
def key_formats(provider: Provider) -> str:
    """Each half of a key, written as PKCS #8, SubjectPublicKeyInfo and JSON Web Key, is read as the same blob.

    The identifiers and the names in a JSON Web Key belong to no other algorithm. If `cryptography` reads the file, it
    finds the same key.
    """
    _ = provider.implementations
    registry = provider.registry()
    told = registry.key_formats()
    for fault in registry.faults():
        if fault.stage == "formats":
            raise Failure("formats that are of this algorithm alone", fault.reason, "cngcore_key_formats", fault.remedy)
    tested = []
    for known in told:
        for one in provider.implementations:
            if one.algorithm.name == known.algorithm and not one.unavailable() and one.factory_works:
                tested += [f"{known.name} ({one.algorithm.implementation})"] if _tested(one, known) else []
    if not tested:
        raise Skip("no key of an algorithm with key formats can be made")
    return ", ".join(dict.fromkeys(tested))


def _tested(one: Implementation, known: KeyFormat) -> bool:
    """Test a format with a key of an implementation. Return False if no key of it can be made."""
    types = one.algorithm.blob_types
    for blob_type, private in ((known.public_blob, False), (known.private_blob, True)):
        doing = f"the {'private' if private else 'public'} blob type in the KeyFormat of {known.name}"
        demand(blob_type in types, f"one of {', '.join(types)}", f"{blob_type!r:.60}", doing)
        half = "private" if types[blob_type].private else "public"
        demand(types[blob_type].private is private, f"a {'private' if private else 'public'} one", half, doing)
    kind = Kind(one, 0, known.parameter_set) if known.parameter_set else next(iter(one.kinds), None)
    if kind is None:
        return False
    if known.parameter_set:
        sets = [known_set.name for known_set in one.algorithm.parameter_sets]
        demand(known.parameter_set in sets, f"one of {', '.join(sets)}", known.parameter_set, "the parameter set")
    try:
        pair = kind.key
    except Skip:
        return False
    halves = {
        private: bytes(granted(pair.export, name))
        for name, private in ((known.public_blob, False), (known.private_blob, True))
    }
    for private, blob in halves.items():
        what = f"a {'private' if private else 'public'} blob of {known.name}"
        encoded = bytes(granted(known.encoded, blob, private=private, doing=f"unpack of {what}"))
        size = known.private_length if private else known.public_length
        demand(len(encoded) == size, f"{size} bytes", f"{len(encoded)} bytes", f"unpack of {what}")
        same(bytes(granted(known.blob, encoded, private=private, doing=f"pack of {what}")), blob, f"pack of {what}")
    _members(known)
    _files(one, known, pair, halves)
    if known.oid:
        _elsewhere(known, pair, {private: known.encoded(blob, private=private) for private, blob in halves.items()})
    return True


def _members(known: KeyFormat) -> None:
    """Demand the member names of the key type."""
    if not known.jwk:
        return
    public, private = known.jwk_members
    doing = f"the members of a JSON Web Key of {known.name}"
    demand(public != private, "two names", f"{public!r} for both halves", doing)
    expected = _MEMBERS.get(known.jwk.get("kty", ""))
    if expected is not None:
        demand(
            (public, private) == expected, f"{expected[0]!r} and {expected[1]!r}", f"{public!r} and {private!r}", doing
        )
    taken = sorted({public, private} & set(known.jwk))
    demand(not taken, "members besides those that name the algorithm", ", ".join(taken), doing)


def _files(one: Implementation, known: KeyFormat, pair: KeyPair, halves: dict[bool, bytes]) -> None:
    """Write both halves in each format, and demand that what is read is the same key."""
    public_file = b""
    for private, form in ((True, "pkcs8"), (False, "spki"), (True, "jwk"), (False, "jwk")):
        if (form == "jwk" and not known.jwk) or (form != "jwk" and not known.oid):
            continue
        doing = f"{known.name}: a {'private' if private else 'public'} key as {form}"
        key = granted(formats.from_key, pair, private=private, doing=f"the halves of a key of {known.name}")
        content = bytes(granted(formats.encode, key, form, private=private, doing=f"writing {doing}"))
        if form == "spki":
            public_file = content
        read = granted(formats.decode, content, doing=f"reading {doing}")
        demand(read.is_private is private, f"a {'private' if private else 'public'} key", "the other half", doing)
        demand(read.description == known.name, known.name, f"{read.description:.60}", f"reading {doing}")
        again = granted(
            formats.import_into, read, implementation=one.algorithm.implementation, registry=one.registry,
            doing=f"importing {doing}",
        )  # fmt: skip
        for half, name in ((False, known.public_blob), (True, known.private_blob)):
            if private or not half:
                blob = bytes(granted(again.export, name, doing=f"exporting {doing}"))
                same(blob, halves[half], f"{doing}, read and imported, as {name}")
    if public_file:
        from_public = granted(formats.from_key, pair.public(), doing=f"the public half of a key of {known.name}")
        content = bytes(granted(formats.encode, from_public, "spki"))
        same(content, public_file, f"{known.name}: the SubjectPublicKeyInfo of the public half and of the pair")


def _elsewhere(known: KeyFormat, pair: KeyPair, encoded: dict[bool, bytes]) -> None:
    """Compare the key with the one that ``cryptography`` reads in the PEM file, if it knows the algorithm."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
    except ModuleNotFoundError:
        return
    try:
        public: Any = serialization.load_pem_public_key(bytes(formats.encode(pair, "spki", private=False)))
        found = public.public_bytes_raw()
    except (ValueError, UnsupportedAlgorithm, AttributeError):
        return  # another key of the same identifier cannot be told from one that it does not know
    doing = f"{known.name}: the PEM file, read by cryptography"
    demand(found == encoded[False], "the public key of the provider", "another", doing)
    try:
        private: Any = serialization.load_pem_private_key(bytes(formats.encode(pair, "pkcs8")), None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Failure(
            "a private key, as its public half is one", f"{type(error).__name__} raised", doing,
            "Set nested as the standard of the algorithm says, and let unpack give the private key of the standard.",
        ) from None  # fmt: skip
    demand(private.public_key().public_bytes_raw() == encoded[False], "the two halves of one key", "others", doing)
    if hasattr(private, "private_bytes_raw"):
        raw = private.private_bytes_raw()
        demand(raw == encoded[True], "the private key of the provider", "another", doing)
