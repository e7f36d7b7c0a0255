"""DER: what is read, what is refused, and that both ways agree."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cngcore
from cngcore.formats import _der as der

BAD_INTEGERS = {
    "": "INTEGER is missing",
    "02": "no length",
    "0200": "fewest bytes",
    "02020001": "fewest bytes",
    "0201ff": "negative",
    "0202 01": "is longer than the 1 bytes that are left",
    "02810101": "the length is not in the fewest bytes",
    "02820001 01": "the length is not in the fewest bytes",
    "0280 01 0000": "indefinite",
    "0285 0000000001 01": "indefinite, too long",
    "0284ffffffff 01": "is longer than the 1 bytes",
    "0401 01": "the element is not an INTEGER",
    "020101 00": "1 bytes trail",
    "0282 0802" + "7f" * 2050: "the limit is 16384",
}


@pytest.mark.parametrize(("text", "why"), BAD_INTEGERS.items())
def test_a_bad_integer_is_refused_with_its_offset(text, why):
    reader = der.Reader(bytes.fromhex(text), "the thing")
    with pytest.raises(cngcore.BadDataError, match=rf"the thing: .*{why}.*, at offset \d+"):
        _ = reader.integer("x"), reader.end()


@pytest.mark.parametrize("text", ["0600", "06028001", "060181", "0603 2a8680", "060d 2affffffffffffffffffffff7f"])
def test_a_bad_object_identifier_is_refused(text):
    with pytest.raises(cngcore.BadDataError):
        der.Reader(bytes.fromhex(text), "the thing").oid()


@pytest.mark.parametrize("text", ["0300", "030101", "03020180"])
def test_a_bit_string_has_whole_bytes(text):
    with pytest.raises(cngcore.BadDataError):
        der.Reader(bytes.fromhex(text), "the thing").bits("y")


@pytest.mark.parametrize(
    ("dotted", "encoded"),
    [("1.2.840.113549.1.1.1", "06092a864886f70d010101"), ("2.16.840.1.101.3.4.4.1", "060960864801650304 0401"),
     ("2.999.3", "0603883703"), ("0.9", "060109"), ("1.3.132.0.34", "06052b81040022")],
)  # fmt: skip
def test_object_identifiers(dotted, encoded):
    assert der.oid(dotted) == bytes.fromhex(encoded)
    assert der.Reader(bytes.fromhex(encoded), "the thing").oid() == dotted


ARC = st.integers(0, 300) | st.integers(0, 2**64).map(lambda number: number & -128)
"""An arc of an object identifier; with the bits of its last byte 0, and perhaps those of other bytes."""


@given(st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), ARC), st.lists(ARC, max_size=5))
@example((1, 2), [1 << 14, 1 << 21, 128])
def test_object_identifiers_go_round(first, more):
    dotted = ".".join(map(str, (*first, *more)))
    assert der.Reader(der.oid(dotted), "the thing").oid() == dotted


@given(st.integers(0, 2**16384 - 1))
def test_integers_go_round(number):
    reader = der.Reader(der.integer(number), "the thing")
    assert reader.integer("x") == number
    reader.end()


def written(tree):
    return der.octets(tree) if isinstance(tree, bytes) else der.sequence(*map(written, tree))


def read(reader):
    found = []
    while reader.peek() is not None:
        found.append(read(reader.sequence()) if reader.peek() == der.SEQUENCE else bytes(reader.octets("x")))
    return found


@given(st.recursive(st.binary(max_size=300), st.lists))
def test_what_is_written_is_read(tree):
    assert read(der.Reader(written(tree), "the thing")) == [tree]


def split(data):
    """Return the contents of the elements that fill ``data``, by X.690 section 8.1 and 10.1; None if it is not DER."""
    found, at = [], 0
    while at < len(data):
        if len(data) < at + 2:
            return None
        size, body = data[at + 1], at + 2
        if size > 0x80:
            body += size - 0x80
            size = int.from_bytes(data[at + 2 : body], "big")
            if body > len(data) or size < 0x80 or data[at + 2] == 0 or body - at - 2 > 4:
                return None
        elif size == 0x80:
            return None
        if body + size > len(data):
            return None
        found.append(data[body : body + size])
        at = body + size
    return found


@given(st.binary(max_size=80) | st.lists(st.binary(max_size=200).map(der.octets)).map(b"".join))
def test_garbage_is_refused_and_all_else_is_read(data):
    """What the reader takes is what a second reader takes; it refuses the rest, and never crashes."""
    reader, found = der.Reader(data, "the thing"), []
    try:
        while reader.peek() is not None:
            found.append(reader.element())
    except cngcore.BadDataError:
        found = None
    assert found == split(data)


def test_the_rest_of_a_reader_is_taken_once():
    reader = der.Reader(der.octets(b"one") + der.octets(b"two"), "the thing")
    assert reader.octets("x") == b"one"
    assert reader.raw() == der.octets(b"two")
    assert reader.raw() == b""
    reader.end()
