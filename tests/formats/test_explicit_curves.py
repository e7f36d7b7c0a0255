"""A curve that is given by its numbers (ECParameters, SEC 1 section C.2): what is read, and what is refused."""

import pytest

import cngcore
from cngcore.blobs.curves import CURVES
from cngcore.formats import _der as der
from cngcore.formats._points import read_curve

P256 = CURVES["nistP256"]
PRIME_FIELD, BINARY_FIELD = "1.2.840.10045.1.1", "1.2.840.10045.1.2"
BASE = b"\x04" + P256.gx.to_bytes(32, "big") + P256.gy.to_bytes(32, "big")


def parameters(*, version=1, field=PRIME_FIELD, p=P256.p, a=P256.a, b=P256.b, seed=(), base=BASE, n=P256.n, h=(1,)):
    """Return the ECParameters of P-256, with some of it changed."""
    return der.sequence(
        der.integer(version),
        der.sequence(der.oid(field), der.integer(p)),
        der.sequence(der.octets(a.to_bytes(32, "big")), der.octets(b.to_bytes(32, "big")), *map(der.bits, seed)),
        der.octets(base),
        der.integer(n),
        *map(der.integer, h),
    )


@pytest.mark.parametrize("said", [{}, {"version": 2}, {"version": 3}, {"seed": [bytes(20)]}, {"h": []}], ids=str)
def test_the_numbers_of_a_named_curve_are_that_curve(said):
    curve, numbers = read_curve(der.Reader(parameters(**said), "the key"))
    assert (curve.name, numbers) == ("nistP256", None)


@pytest.mark.parametrize(
    ("said", "error", "why"),
    [
        ({"version": 0}, cngcore.BadDataError, "the version is not 1, 2 or 3"),
        ({"version": 4}, cngcore.BadDataError, "the version is not 1, 2 or 3"),
        ({"field": BINARY_FIELD}, cngcore.NotSupportedError, "not over a prime field"),
        ({"base": b"\x02" + BASE[1:33]}, cngcore.NotSupportedError, "compressed"),
        ({"base": b"\x06" + BASE[1:]}, cngcore.NotSupportedError, "only 04"),
        ({"base": BASE[:-1]}, cngcore.NotSupportedError, "of another length"),
        ({"p": P256.p - 1}, cngcore.BadDataError, "do not make a curve"),
        ({"a": P256.p}, cngcore.BadDataError, "do not make a curve"),
        ({"b": P256.p}, cngcore.BadDataError, "do not make a curve"),
        ({"base": b"\x04" + P256.p.to_bytes(32, "big") + BASE[33:]}, cngcore.BadDataError, "do not make a curve"),
        ({"base": BASE[:33] + P256.p.to_bytes(32, "big")}, cngcore.BadDataError, "do not make a curve"),
        ({"n": 1}, cngcore.BadDataError, "do not make a curve"),
    ],
)  # fmt: skip
def test_other_numbers_are_refused(said, error, why):
    with pytest.raises(error, match=why):
        read_curve(der.Reader(parameters(**said), "the key"))
