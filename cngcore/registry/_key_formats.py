"""Collect what plug-ins say of key formats, and refuse a claim on what belongs to another algorithm.

A file of a key is read by its object identifier or by members of its JSON. If a provider claimed those of X25519, it
would be given the private numbers of X25519 keys. So each claim has one owner: cngcore for the algorithms whose keys it
reads itself, else the first plug-in in the order of :func:`collect`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._diagnostics import describe, reraise_interrupt
from cngcore.objects import Origin
from cngcore.provider import KeyFormat
from cngcore.registry._discovery import normalized
from cngcore.registry._faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pluggy import HookImpl, PluginManager

    from cngcore.provider import Algorithm

_OIDS = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.113549.1.3.1": "DH",
    "1.2.840.10046.2.1": "DH",
    "1.2.840.10045.2.1": "ECDSA and ECDH",
    "1.3.132.1.12": "ECDH",
    "1.3.101.110": "X25519",
    **{f"2.16.840.1.101.3.4.4.{number}": "ML-KEM" for number in (1, 2, 3)},
    **{f"2.16.840.1.101.3.4.3.{number}": "ML-DSA" for number in (17, 18, 19)},
}
"""The object identifiers of the keys that cngcore reads itself."""

_JWKS: tuple[tuple[str, Mapping[str, str]], ...] = (
    *(("RSA", {"kty": kty}) for kty in ("RSA", "RSA-HSM")),
    *(("ECDSA and ECDH", {"kty": kty}) for kty in ("EC", "EC-HSM")),
    ("X25519", {"kty": "OKP", "crv": "X25519"}),
    *(("ML-DSA", {"kty": "AKP", "alg": f"ML-DSA-{name}"}) for name in (44, 65, 87)),
)
"""The members that name the algorithm, of the JSON Web Keys that cngcore reads itself."""

_STAGE = "formats"


def collect(
    manager: PluginManager,
    plugins: Mapping[int, tuple[Origin, Sequence[Algorithm]]],
    preferred: Sequence[str],
) -> tuple[list[KeyFormat], list[Fault]]:
    """Return the key formats of every plug-in, and the faults of claims that are left out.

    ``plugins`` has the origin and the declarations of each plug-in, by its id. Of two plug-ins that claim the same, the
    first in the order of ``preferred`` (distributions), then of the names of distribution and module has it.
    """
    faults: list[Fault] = []
    found: list[tuple[Origin, KeyFormat]] = []
    order = [normalized(name) for name in preferred]

    def place(hook: HookImpl) -> tuple[int, str, str]:
        origin = _origin(hook, plugins)
        name = normalized(origin.distribution)
        return order.index(name) if name in order else len(order), name, origin.module

    for hook in sorted(manager.hook.cngcore_key_formats.get_hookimpls(), key=place):
        origin = _origin(hook, plugins)
        own = {one.name for one in plugins[id(hook.plugin)][1]} if id(hook.plugin) in plugins else set()
        for one in _answer(hook, origin, faults):
            reason = remedy = ""
            if one.algorithm not in own:
                reason = f"it describes keys of {one.algorithm}, which it does not register"
                remedy = f"Leave that KeyFormat to the provider of {one.algorithm}."
            elif built_in := claims_built_in(one):
                reason = built_in
                remedy = "Give the names of your own algorithm; cngcore reads and writes those keys itself."
            else:
                reason, remedy = _claimed_before(one, origin, found)
            if reason:
                faults.append(Fault(origin, _STAGE, reason, remedy))
            else:
                found.append((origin, one))
    return [one for _, one in found], faults


def claims_built_in(one: KeyFormat) -> str:
    """Return which name of an algorithm that cngcore reads itself a KeyFormat claims, or ""."""
    if one.oid in _OIDS:
        return f"its KeyFormat of {one.name} claims the object identifier {one.oid}, which is that of {_OIDS[one.oid]}"
    for owner, members in _JWKS:
        if one.jwk and overlap(one.jwk, members):
            return f"its KeyFormat of {one.name} claims the JSON Web Keys {_shown(one.jwk)}, which are those of {owner}"
    return ""


def overlap(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Return whether a JSON object can have both groups of members."""
    return all(other.get(name, value) == value for name, value in one.items())


def _claimed_before(one: KeyFormat, origin: Origin, found: Iterable[tuple[Origin, KeyFormat]]) -> tuple[str, str]:
    """Return the reason and the remedy if an earlier format has an identifier or the members of this one.

    Two implementations of one algorithm may say the same.
    """
    for owner, other in found:
        same = (one.algorithm, one.parameter_set) == (other.algorithm, other.parameter_set) and owner != origin
        if same:
            continue
        claim = ""
        if one.oid and one.oid == other.oid:
            claim = f"the object identifier {one.oid}"
        elif one.jwk and other.jwk and overlap(one.jwk, other.jwk):
            claim = f"the JSON Web Keys {_shown(one.jwk)}"
        if claim:
            return (
                f"its KeyFormat of {one.name} claims {claim}, which {owner.distribution} has for {other.name}",
                f"Give each algorithm its own. To give this one to {origin.distribution}, name it first in "
                f"CNGCORE_PREFER, or block {owner.distribution}."
                if owner.distribution != origin.distribution
                else "Give each algorithm and each parameter set its own.",
            )
    return "", ""


def _shown(members: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in members.items())


def _origin(hook: HookImpl, plugins: Mapping[int, tuple[Origin, Sequence[Algorithm]]]) -> Origin:
    known = plugins.get(id(hook.plugin))
    return Origin("(registered)", "", hook.plugin_name) if known is None else known[0]


def _answer(hook: HookImpl, origin: Origin, faults: list[Fault]) -> list[KeyFormat]:
    """Return what one hook answers; nothing, and a fault, if it fails or returns something else."""
    remedy = "Return [KeyFormat(...), ...]; until then only the blobs of the algorithm can be read and written."
    try:
        answer: list[KeyFormat] = list(hook.function())  # type: ignore[call-overload]
    except BaseException as error:
        reraise_interrupt(error, f"cngcore_key_formats of {origin} ({origin.module}) ran")
        faults.append(Fault(origin, _STAGE, f"cngcore_key_formats raised {describe(error)}", remedy))
        return []
    wrong: object = next((one for one in answer if not isinstance(one, KeyFormat)), None)
    if wrong is not None:
        reason = f"cngcore_key_formats returned a list with an item of type {type(wrong).__name__}"
        faults.append(Fault(origin, _STAGE, reason, remedy))
        return []
    return answer
