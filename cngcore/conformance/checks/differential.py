"""Check two implementations of one algorithm against each other: each reads what the other writes and signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cngcore.conformance import _samples as ways
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Skip, check, demand, granted, refused, same, status_of
from cngcore.conformance._signing import sign
from cngcore.conformance._subject import Implementation, Kind, others
from cngcore.objects import KeyPair
from cngcore.status import NTStatus


def _pairs(kind: Kind) -> Iterator[tuple[str, Kind]]:
    """Yield the same kind of key of every other implementation that has it."""
    for other in others(kind.implementation):
        rule = other.algorithm.key_lengths
        sets = {known.name for known in other.algorithm.parameter_sets}
        fits = (
            rule is not None
            and rule.accepts(kind.length, {})
            and (kind.parameter_set is None or kind.parameter_set in sets)
        )
        for name, value in kind.settings.items():
            declared = other.algorithm.properties.get(name)
            fits = fits and declared is not None and value in (declared.values or ())
        if fits:
            yield (
                f"{other.candidate.distribution} ({other.algorithm.implementation})",
                Kind(other, kind.length, kind.parameter_set, kind.settings),
            )


def _common(one: Kind, other: Kind, *, private: bool) -> list[str]:
    """Return the blob types that the first exports and the second imports."""
    return [name for name in one.blob_types(private=private, exports=True) if name in other.blob_types(imports=True)]


def _moved(one: Kind, other: Kind, key: KeyPair, *, private: bool) -> KeyPair | None:
    """Return a key of one implementation, imported by the other; None if they share no blob type of that half."""
    for name in _common(one, other, private=private):
        status, blob = status_of(key.export, name)
        if status == NTStatus.STATUS_SUCCESS:
            return granted(other.imported, name, blob, doing=f"importing {name} of another implementation")  # type: ignore[no-any-return]
    return None


@check(
    "differential",
    "key",
    rule="the contract is the same for every implementation",
    remedy="Compare with the other implementation's answer for the same key: byte order, padding, order of the fields.",
)
def differential(kind: Kind) -> str:
    """Keys, signatures, ciphertexts and secrets are exchanged with every other installed implementation, both ways."""
    tried = []
    for name, other in _pairs(kind):
        for here, there in ((kind, other), (other, kind)):
            _keys(here, there, name)
            _operations(here, there, name)
        tried.append(name)
    if not tried:
        raise Skip("no other implementation of the algorithm is installed and available")
    return f"against {', '.join(tried)}"


def _keys(here: Kind, there: Kind, name: str) -> None:
    """Check that the blobs are the same, byte for byte."""
    for blob_type in here.blob_types(exports=True):
        declared = there.algorithm.blob_types.get(blob_type)
        if declared is not None and declared.imports and declared.exports:
            blob = bytes(granted(here.key.export, blob_type))
            twin = granted(there.imported, blob_type, blob, doing=f"importing {blob_type} from or to {name}")
            same(bytes(granted(twin.export, blob_type)), blob, f"exporting {blob_type} from or to {name}")


def _operations(here: Kind, there: Kind, name: str) -> None:
    public = _moved(here, there, here.key, private=False)
    private = _moved(here, there, here.key, private=True)
    operations = here.algorithm.operations & there.algorithm.operations
    if "sign" in operations and public is not None:
        for way in ways.signing(here):
            signature = sign(here, way.data, way.padding)
            status, _ = status_of(public.verify_signature, way.data, signature, way.padding)
            if status != NTStatus.STATUS_NOT_SUPPORTED:
                same(status.name, "STATUS_SUCCESS", f"verifying there what was signed here, {way}, with {name}")
                changed = signature[:-1] + bytes([signature[-1] ^ 1])
                refused(public.verify_signature, way.data, changed, way.padding, by=NTStatus.STATUS_INVALID_SIGNATURE)
    if "encrypt" in operations and public is not None:
        for way in ways.encrypting(here):
            status, ciphertext = status_of(public.encrypt, way.data, way.padding)
            if status == NTStatus.STATUS_SUCCESS:
                same(
                    bytes(granted(here.key.decrypt, ciphertext, way.padding)), way.data, f"decrypting {way} with {name}"
                )
    if "agree" in operations and private is not None and public is not None:
        peer = here.another
        there_peer = _moved(here, there, peer, private=False)
        mine = granted(here.key.agree, peer).derive("TRUNCATE")
        if there_peer is not None:
            same(granted(private.agree, there_peer).derive("TRUNCATE"), mine, f"agreeing here and there with {name}")
    if "encapsulate" in operations and public is not None:
        secret, ciphertext = granted(public.encapsulate)
        same(granted(here.key.decapsulate, ciphertext), secret, f"decapsulating what {name} encapsulated")
        if private is not None:
            spoilt = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
            rejected = granted(private.decapsulate, spoilt)
            same(granted(here.key.decapsulate, spoilt), rejected, f"rejecting a ciphertext as {name} does")
            demand(rejected != secret, "another secret", "the same", "rejecting a ciphertext")


@check(
    "differential-symmetric",
    "implementation",
    operations=["cipher", "derive", "hash"],
    rule="the contract is the same for every implementation",
    remedy="Compare with the other implementation's answer for the same secret, IV and data.",
    needs=lambda one: "" if one.algorithm.has_symmetric_keys or one.algorithm.mac else "it takes no secret",
)
def differential_symmetric(one: Implementation) -> str:
    """Ciphertexts, tags and derived keys are those of every other installed implementation, for equal secrets."""
    tried = []
    for other in others(one):
        name = f"{other.candidate.distribution} ({other.algorithm.implementation})"
        rule = other.algorithm.key_lengths
        for content in with_.secrets(one):
            if rule is not None and rule.accepts(8 * len(content), {}):
                _compare(one, other, content, name)
                tried.append(name)
    if not tried:
        raise Skip("no other implementation of the algorithm is installed and available")
    return f"against {', '.join(dict.fromkeys(tried))}"


def _compare(one: Implementation, other: Implementation, content: bytes, name: str) -> None:
    if "hash" in one.algorithm.operations:
        macs = []
        for each in (one, other):
            state = with_.start_mac(each, content)
            granted(state.update, with_.message(1000))
            macs.append(bytes(granted(state.finish)))
        same(macs[0], macs[1], f"making a MAC here and with {name}")
        return
    if "derive" in one.algorithm.operations:
        given = with_.parameters(one)
        keys = [granted(each.opened.generate_symmetric_key, content) for each in (one, other)]
        if given.keys() == with_.parameters(other).keys():
            for length in (1, 32, 40):
                derived = [granted(key.derive_from, given, length) for key in keys]
                same(derived[0], derived[1], f"deriving {length} bytes here and with {name}")
        return
    there = {mode.name for mode in other.algorithm.modes}
    for setup in with_.setups(one):
        if setup.secret != content or setup.mode.name not in there:
            continue
        twin = replace(setup, one=other)
        for units in (0, 1, 5, 40):
            data = with_.message(units * setup.unit, f"{units}")
            doing = f"encrypting {len(data)} bytes here and with {name}: {setup}"
            if setup.mode.kind == "authenticated":
                parts = (setup.nonce(), b"aad", data, setup.tag)
                same(granted(setup.key().seal, *parts), granted(twin.key().seal, *parts), doing)
                continue
            iv = setup.iv()
            ciphertext = granted(setup.key().encrypt, data, iv, doing=doing)
            same(ciphertext, granted(twin.key().encrypt, data, iv, doing=doing), doing)
            same(bytes(granted(twin.key().decrypt, ciphertext, iv)), data, f"decrypting with {name}: {setup}")
