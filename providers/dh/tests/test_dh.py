"""The code of cngcore-dh itself: the groups and their proof, both arithmetics, the checks, the private number."""

import hashlib
import random
import struct
import subprocess
import sys
import threading
import warnings

import cngcore_dh
import pytest
from cngcore_dh import arithmetic, groups
from cngcore_dh.groups import OF_PI, Group, default_group, group_of
from cngcore_dh.keys import DhMaterial
from helpers import python
from oracles.primes import is_prime

import cngcore
from cngcore.blobs.dh import DhKey, DhParameters, build

PUBLISHED = {
    # SHA-256 of the primes of RFC 2409 and RFC 3526, and of RFC 7919, big-endian; taken from OpenSSL's copies
    ("pi", 768): "b52ba6a3026520a6c49d37e4587601801bee500123b3259b6bf03e7cecc3e63d",
    ("pi", 1024): "3f35a3f5f6c4376a744acad409bb22f8d897f949d2311d885adaa890981b67a0",
    ("pi", 1536): "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b",
    ("pi", 2048): "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e",
    ("pi", 3072): "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c",
    ("pi", 4096): "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33",
    ("pi", 6144): "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd",
    ("pi", 8192): "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf",
    ("e", 2048): "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966",
    ("e", 3072): "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17",
    ("e", 4096): "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e",
    ("e", 6144): "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7",
    ("e", 8192): "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833",
}
PRIME = {"pi": groups.prime_of_pi, "e": groups.prime_of_e}
EVERY = [("pi", bits) for bits in groups.GENERATED] + [("e", 2048), ("e", 3072), ("e", 4096)]
SPREAD = [("pi", bits) for bits in (512, 576, 832, 1024, 1088, 1472, 2112)] + [("e", 2048)]
CUSTOM = (1 << 511) + 111  # prime; 2 is not of a known order in it


@pytest.fixture
def without_gmpy2(monkeypatch):
    """gmpy2 cannot be imported."""
    monkeypatch.setitem(sys.modules, "gmpy2", None)
    arithmetic.gmpy2.cache_clear()
    yield
    arithmetic.gmpy2.cache_clear()


@pytest.fixture(params=["gmpy2", "pow"])
def either_arithmetic(request):
    if request.param == "pow":
        request.getfixturevalue("without_gmpy2")
        assert arithmetic.gmpy2() is None
    else:
        pytest.importorskip("gmpy2")
        arithmetic.gmpy2.cache_clear()
        assert arithmetic.gmpy2() is not None
    return request.param


@pytest.fixture
def provider():
    with cngcore.open_algorithm_provider("DH") as opened:
        yield opened


def in_group(provider, parameters):
    key = provider.generate_key_pair(8 * parameters.key_bytes)
    key.set_property("DHParameters", parameters)
    key.finalize()
    return key


# ------------------------------------------------------------------------------------------------- the groups


def prove(kind, bits, rounds):
    p = PRIME[kind](bits)
    assert p.bit_length() == bits
    assert p % 8 == 7
    ones = (1 << 64) - 1
    assert (p >> bits - 64, p & ones) == (ones, ones)
    assert is_prime(p // 2, rounds)
    assert is_prime(p, rounds)
    assert pow(2, p // 2, p) == 1, "2 is of order (p - 1) / 2"


def test_the_prime_test_knows_primes_and_composites():
    assert all(is_prime(number, 10) for number in (23, 65537, (1 << 127) - 1, (1 << 255) - 19, CUSTOM))
    products = ((1 << 127) - 1) * ((1 << 61) - 1), ((1 << 89) - 1) ** 2
    assert not any(is_prime(number, 10) for number in (2047, 561, 41041, 825265, 3215031751, *products))


@pytest.mark.parametrize(("kind", "bits"), SPREAD)
def test_groups_are_of_safe_primes(kind, bits):
    prove(kind, bits, rounds=6)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "bits"), EVERY)
def test_every_group_is_of_a_safe_prime(kind, bits):
    """All 57 sizes and RFC 7919: wrong with a probability below 4^-20, for any choice of the numbers."""
    prove(kind, bits, rounds=20)


@pytest.mark.parametrize(("kind", "bits"), PUBLISHED)
def test_the_published_primes_are_those_of_the_rfcs(kind, bits):
    p = PRIME[kind](bits)
    assert hashlib.sha256(p.to_bytes(bits // 8, "big")).hexdigest() == PUBLISHED[kind, bits]


def test_no_smaller_number_makes_a_safe_prime_of_512_bits():
    """The rule takes the least k."""
    base = groups.prime_of_pi(512) - (OF_PI[512] << 64)
    found = [k for k in range(OF_PI[512] + 1) if is_prime((p := base + (k << 64)) // 2, 1) and is_prime(p, 4)]
    assert found == [OF_PI[512]]


def test_there_is_a_group_for_every_length_of_the_declaration():
    (declared,) = cngcore_dh.cngcore_register_algorithms()
    assert list(declared.key_lengths.legal) == list(groups.GENERATED)
    assert len(groups.GENERATED) == 57
    assert set(OF_PI) == {*groups.GENERATED, 6144, 8192}
    for bits in groups.GENERATED:
        group = default_group(bits)
        assert (group.p.bit_length(), group.g, group.is_known, group.key_bytes) == (bits, 2, True, bits // 8)
        assert default_group(bits) is group
    assert {bits for bits in groups.GENERATED if default_group(bits).p != groups.prime_of_pi(bits)} == {
        2048,
        3072,
        4096,
    }


def test_digits_of_pi_and_e():
    """The digits are known, and the same for any number of digits."""
    assert groups.scaled_pi(64) == 0x3243F6A8885A308D3
    assert groups.scaled_e(64) == 0x2B7E151628AED2A6A
    for bits in (0, 1, 100, 1918, 3966):
        assert groups.scaled_pi(8062) >> 8062 - bits == groups.scaled_pi(bits)
        assert groups.scaled_e(8062) >> 8062 - bits == groups.scaled_e(bits)


# --------------------------------------------------------------------------------------------- the arithmetic


def test_powers(either_arithmetic):
    rng = random.Random(1)
    for bits in (2, 64, 512, 1000, 2048):
        modulus = rng.getrandbits(bits) | 1 | 1 << bits - 1
        for base in (0, 1, 2, modulus - 1, modulus, modulus + 5, rng.getrandbits(bits)):
            for exponent in (1, 2, 3, rng.getrandbits(256) | 1, rng.getrandbits(bits) | 1):
                assert arithmetic.power(base, exponent, modulus) == pow(base, exponent, modulus)
    assert type(arithmetic.power(2, 3, 5)) is int


def test_jacobi_symbols(either_arithmetic):
    for p in (3, 5, 7, 11, 13, 17, 19, 23, 101, 103):
        squares = {a * a % p for a in range(1, p)}
        for a in range(2 * p):
            expected = 0 if a % p == 0 else 1 if a % p in squares else -1
            assert arithmetic.jacobi(a, p) == expected
    for p in (default_group(512).p, CUSTOM, groups.prime_of_e(2048)):
        for a in (2, 3, 5, p - 2, pow(3, 10**20, p), *(random.randrange(2, p) for _ in range(30))):
            assert arithmetic.jacobi(a, p) % p == pow(a, p // 2, p), "Euler's criterion"
    for a in range(50):
        assert arithmetic.jacobi(a, 15) == arithmetic.jacobi(a, 3) * arithmetic.jacobi(a, 5)


def test_gmpy2_is_imported_by_the_first_power_and_not_before():
    pytest.importorskip("gmpy2")
    code = (
        "import sys, cngcore\n"
        "provider = cngcore.open_algorithm_provider('DH')\n"
        "key = provider.generate_key_pair(512)\n"
        "early = {'gmpy2', 'secrets', 'cngcore_dh.keys', 'cngcore.blobs.dh'} & set(sys.modules)\n"
        "key.finalize()\n"
        "print(sorted(early), 'gmpy2' in sys.modules, 'cryptography' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[0] == "[] True False"
    assert run.stderr == ""


def test_a_gmpy2_that_cannot_be_loaded_is_done_without():
    code = (
        "import sys; sys.modules['gmpy2'] = None\n"
        "import cngcore, cngcore.bcrypt as b\n"
        "status, handle = b.BCryptOpenAlgorithmProvider('DH', None, b.BCRYPT_PROV_DISPATCH)\n"
        "one, two = (cngcore.generate_key_pair('DH', 1024) for _ in range(2))\n"
        "print(int(status), one.agree(two).derive('TRUNCATE') == two.agree(one).derive('TRUNCATE'))\n"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout.strip(), run.stderr) == ("0 True", "")


def test_nothing_is_imported_or_read_after_an_open_for_dispatch_level():
    code = """
import sys
import cngcore
from cngcore.bcrypt import BCRYPT_PROV_DISPATCH
assert "cngcore.blobs.dh" not in sys.modules
provider = cngcore.open_algorithm_provider("DH", flags=BCRYPT_PROV_DISPATCH)
DhParameters = sys.modules["cngcore.blobs.dh"].DhParameters
events = []
sys.addaudithook(lambda event, args: events.append((event, args[0])) if event in ("import", "open") else None)
for bits in (512, 2048, 1088):
    key = provider.generate_key_pair(bits)
    key.finalize()
    p = key.get_property("DHParameters").p
    other = provider.generate_key_pair(bits)
    other.set_property("DHParameters", DhParameters(p, p - 2))
    other.finalize()
    for one in (key, other):
        again = provider.import_key_pair("DHPRIVATEBLOB", one.export("DHPRIVATEBLOB"))
        peer = provider.import_key_pair("DHPUBLICBLOB", one.export("DHPUBLICBLOB"))
        again.agree(peer).derive("HASH")
        for name in ("KeyLength", "KeyStrength", "PublicKeyLength", "AlgorithmName"):
            one.get_property(name)
try:
    key.agree(other)
except cngcore.InvalidParameterError:
    pass
print(events)
"""
    run = python(code, check=False)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_keys_work_with_either_arithmetic(either_arithmetic, provider):
    for bits in (512, 1024, 2048):
        one, other = (provider.generate_key_pair(bits) for _ in range(2))
        one.finalize()
        other.finalize()
        p = default_group(bits).p
        y, x = other._material.y, int.from_bytes(one._material._private, "big")
        assert one.agree(other).derive("TRUNCATE") == pow(y, x, p).to_bytes(bits // 8, "little")
        assert provider.import_key_pair("DHPRIVATEBLOB", one.export("DHPRIVATEBLOB")).agree(other)
        bad = build("DHPUBLICBLOB", DhKey(DhParameters(p, 2), p - y))
        with pytest.raises(cngcore.InvalidParameterError):
            provider.import_key_pair("DHPUBLICBLOB", bad)


def test_gmpy2_leaves_the_callers_context_alone():
    gmpy2 = pytest.importorskip("gmpy2")
    arithmetic.gmpy2.cache_clear()
    before = gmpy2.get_context()
    released = before.allow_release_gil
    cngcore.generate_key_pair("DH", 512)
    assert gmpy2.get_context() is before
    assert before.allow_release_gil == released


def test_gmpy2_lets_other_threads_run(monkeypatch):
    gmpy2 = pytest.importorskip("gmpy2")

    class Spy:
        context, get_context, seen = gmpy2.context, gmpy2.get_context, []

        @classmethod
        def powmod_sec(cls, *arguments):
            cls.seen.append(gmpy2.get_context().allow_release_gil)
            return gmpy2.powmod_sec(*arguments)

    monkeypatch.setattr(arithmetic, "gmpy2", lambda: Spy)
    assert arithmetic.power(3, 5, 101) == 41
    assert Spy.seen == [True]


def test_threads_make_keys_at_once(provider):
    blobs, errors = [], []

    def work():
        try:
            for bits in (512, 640, 1024) * 3:
                key = provider.generate_key_pair(bits)
                key.finalize()
                blobs.append(bytes(key.export("DHPUBLICBLOB")))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(set(blobs)) == 54


# ------------------------------------------------------------------------------------------- private numbers


@pytest.mark.parametrize(
    ("bits", "length"),
    [(512, 256), (1024, 256), (2048, 256), (3072, 256), (3136, 384), (4096, 384)],
)
def test_private_numbers_are_short_in_a_known_group(provider, bits, length):
    """constants.toml default_private_bits; SP 800-56A section 5.6.1.1: x below 2^N, and N twice the strength."""
    assert default_group(bits).private_numbers == 1 << length
    drawn = set()
    for _ in range(12):
        key = provider.generate_key_pair(bits)
        key.finalize()
        drawn.add(int.from_bytes(key.export("DHPRIVATEBLOB")[-bits // 8 :], "big"))
    assert len(drawn) == 12
    assert max(drawn).bit_length() <= length
    assert max(drawn).bit_length() > length - 16
    assert min(drawn) > 0


@pytest.mark.parametrize(
    "parameters",
    [DhParameters(CUSTOM, 2), DhParameters(groups.prime_of_pi(512), groups.prime_of_pi(512) - 2)],
    ids=["another prime", "another order"],
)
def test_private_numbers_are_as_long_as_p_where_the_order_is_not_known(provider, parameters):
    keys = [in_group(provider, parameters) for _ in range(12)]
    drawn = [int.from_bytes(key.export("DHPRIVATEBLOB")[-64:], "big") for key in keys]
    assert max(drawn).bit_length() > 496
    assert max(drawn) <= parameters.p - 2
    assert keys[0].agree(keys[1]).derive("TRUNCATE") == keys[1].agree(keys[0]).derive("TRUNCATE")


@pytest.mark.parametrize("bits", [2048, 3072])
def test_a_known_group_is_known_when_it_is_given(provider, bits):
    """Both primes of a size, and any generator of the squares, are recognized: short private numbers, checked order."""
    for p in (groups.prime_of_pi(bits), groups.prime_of_e(bits)):
        for g in (2, 4, pow(3, 2, p)):
            assert group_of(p, g).is_known
        for g in (p - 2, p - 4):
            assert not group_of(p, g).is_known
        assert not group_of(p - (1 << 65), 2).is_known
        assert not group_of(p - (1 << bits - 2), 2).is_known
        assert not group_of(p - 4, 2).is_known
    assert group_of(default_group(bits).p, 2) is default_group(bits)
    key = in_group(provider, DhParameters(groups.prime_of_pi(bits), 2))
    assert int.from_bytes(key.export("DHPRIVATEBLOB")[-bits // 8 :], "big").bit_length() <= 256


def test_the_private_number_is_wiped(provider):
    key = provider.generate_key_pair(512)
    key.finalize()
    private = key._material._private
    half = key.public()
    assert any(private)
    assert not half._material._private
    key.destroy()
    assert private == bytes(len(private))
    assert half.export("DHPUBLICBLOB")


def test_nothing_secret_shows(provider):
    key = provider.generate_key_pair(512)
    key.finalize()
    x = int.from_bytes(key._material._private, "big")
    for text in (repr(key), repr(key._material), str(key._material), repr(key._material.group)):
        assert str(x) not in text
        assert f"{x:x}" not in text
        assert len(text) < 100


def test_material_without_a_private_half_does_not_agree():
    half = DhMaterial(default_group(512), 4)
    assert not half.has_private
    with pytest.raises(cngcore.InvalidParameterError):
        half.agree(half)


# ------------------------------------------------------------------------------------------------- what is checked


@pytest.mark.parametrize(
    ("p", "g"),
    [
        ((1 << 510) + 1, 2),
        ((1 << 8192) + 1, 2),
        (1, 2),
        (0, 2),
        (1 << 511, 2),
        (CUSTOM, 0),
        (CUSTOM, 1),
        (CUSTOM, CUSTOM - 1),
        (CUSTOM, CUSTOM),
        (CUSTOM, CUSTOM + 5),
    ],
    ids=[
        "511 bits",
        "8193 bits",
        "p = 1",
        "p = 0",
        "p even",
        "g = 0",
        "g = 1",
        "g = p - 1",
        "g = p",
        "g above p",
    ],
)
def test_what_is_no_group(p, g):
    with pytest.raises(cngcore.InvalidParameterError):
        group_of(p, g)


@pytest.mark.parametrize("bits", [512, 513, 600, 1021, 1032, 4097, 6144, 8192])
def test_sizes_that_import(provider, bits):
    """docs/decisions/dh.md: 512 to 8192 bits, on and off the grid of Generate."""
    p = (1 << bits - 1) + 11
    blob = build("DHPUBLICBLOB", DhKey(DhParameters(p, 3), 9))
    key = provider.import_key_pair("DHPUBLICBLOB", blob)
    assert key.export("DHPUBLICBLOB") == blob
    assert key.get_property("KeyLength") == 8 * ((bits + 7) // 8)
    assert key.get_property("KeyStrength") == bits


@pytest.mark.parametrize("bits", [8, 64, 511, 8193, 16384, 1 << 20])
def test_sizes_that_do_not(provider, bits):
    blob = build("DHPUBLICBLOB", DhKey(DhParameters((1 << bits - 1) + 11, 3), 9))
    for flags in (0, 8):
        with pytest.raises(cngcore.InvalidParameterError):
            provider.import_key_pair("DHPUBLICBLOB", blob, flags)


def test_a_padded_modulus_is_refused(provider):
    """Each group has one form, because a longer field would make another secret."""
    p = default_group(512).p
    blob = b"DHPB" + struct.pack("<I", 65) + b"".join(n.to_bytes(65, "big") for n in (p, 2, 4))
    with pytest.raises(cngcore.InvalidParameterError, match="the padding"):
        provider.import_key_pair("DHPUBLICBLOB", blob)
    with provider.generate_key_pair(576) as key, pytest.raises(cngcore.InvalidParameterError, match="the padding"):
        key.set_property("DHParameters", DhParameters(p, 2, 72))


def test_lengths_off_the_grid_are_not_generated(provider):
    with provider.generate_key_pair(1024) as key:
        for bits in (1032, 1016, 504, 4104, 8192):
            with pytest.raises(cngcore.InvalidParameterError):
                key.set_property("DHParameters", DhParameters((1 << bits - 1) + 11, 2))
        key.set_property("DHParameters", DhParameters((1 << 1020) + 11, 2))  # 1021 bits, and a field of 1024
        key.finalize()
        assert key.get_property("KeyLength") == 1024
        assert key.get_property("KeyStrength") == 1021


def test_a_generator_that_generates_nothing_is_refused(provider):
    """The search for a private number ends if every power is 0 or 1 modulo a composite p."""
    p = 3**324
    assert p.bit_length() == 514
    while p.bit_length() % 64:
        p *= 3
    key = provider.generate_key_pair(p.bit_length())
    key.set_property("DHParameters", DhParameters(p, p // 3))
    with pytest.raises(cngcore.InvalidParameterError, match="few elements"):
        key.finalize()
    assert key.state == "empty"


def test_a_generator_of_order_three_makes_keys_that_are_not_trivial(provider):
    p = next(p for p in range((1 << 511) + 5, 1 << 512, 6) if is_prime(p, 5))
    g = next(g for g in (pow(a, p // 3, p) for a in range(2, 50)) if g != 1)
    assert pow(g, 3, p) == 1
    for _ in range(8):
        key = in_group(provider, DhParameters(p, g))
        assert key._material.y in (g, g * g % p)


def test_public_numbers_of_a_known_group_are_of_its_order():
    group = default_group(512)
    p = group.p
    good = [pow(2, n, p) for n in (1, 2, 3, 10**50)]
    assert all(group.has(y, order=True) for y in good)
    for y in (0, 1, p - 1, p, p + 2, -2, *(p - y for y in good)):
        assert not group.has(y, order=True)
    assert group.has(p - 2, order=False)
    unknown = Group(p, p - 2, is_known=False)
    assert unknown.has(p - 2, order=True)
    assert not unknown.has(p - 1, order=True)


def test_groups_compare_by_their_numbers():
    one, other = Group(CUSTOM, 2, is_known=False), group_of(CUSTOM, 2)
    assert one == other
    assert hash(one) == hash(other)
    assert one != group_of(CUSTOM, 3)
    assert one != default_group(512)
    assert one != (CUSTOM, 2)


def test_no_warning_and_no_back_end(provider):
    """The deprecated FFDH of cryptography is not used: every warning is an error in these tests."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        key = provider.generate_key_pair(1024)
        key.finalize()
        key.agree(key).derive("TRUNCATE")
    assert not caught
    assert provider.provenance.implementation == "cngcore"
    assert provider.provenance.distribution == "cngcore-dh"
    assert provider.provenance.back_end == ""
