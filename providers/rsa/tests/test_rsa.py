"""The code of cngcore-rsa itself: small keys, raw RSA, PKCS #1 v1.5 decryption, the check of imported keys."""

import hashlib
import secrets

import pytest
from cngcore_rsa import primes
from cryptography.hazmat.primitives.asymmetric import padding as schemes
from cryptography.hazmat.primitives.asymmetric import rsa as back_end

import cngcore
from cngcore.blobs.rsa import RsaKey, build, check, complete
from cngcore.families import rsa as encodings


@pytest.fixture(scope="module")
def provider():
    with cngcore.open_algorithm_provider("RSA") as opened:
        yield opened


@pytest.fixture(scope="module")
def key(provider):
    with provider.generate_key_pair(1024) as made:
        made.finalize()
        yield made


@pytest.mark.parametrize("bits", [512, 576, 768, 960])
def test_keys_the_back_end_refuses_to_generate_are_made_by_the_rules(bits):
    """FIPS 186-5 appendix A.1.3, scaled; prime sizes as SymCrypt has them (contract: rule-generate-rsa-primes)."""
    with pytest.raises(ValueError, match="1024"):
        back_end.generate_private_key(65537, bits)
    for _ in range(5):
        made = primes.generate(bits)
        check(made)
        assert made.bits == bits
        assert (made.p.bit_length(), made.q.bit_length()) == ((bits + 1) // 2, bits // 2)
        assert made.p >> (made.p.bit_length() - 2) == made.q >> (made.q.bit_length() - 2) == 3
        assert abs(made.p - made.q) > 1 << (bits // 2 - 100)
        assert made.d > 1 << bits // 2
        assert complete(RsaKey(made.n, made.e, made.p, made.q)) == made


def test_the_prime_test_knows_primes_and_liars():
    known = [2003, (1 << 61) - 1, (1 << 127) - 1, (1 << 521) - 1, (1 << 255) - 19]
    assert all(map(primes.is_prime, known))
    carmichael = [561, 41041, 825265, 321197185, 1590231231043178376951698401]
    pseudo = [2047, 3215031751, 3825123056546413051, 318665857834031151167461]
    products = [(1 << 61) - 1 << 1 | 1, ((1 << 61) - 1) * ((1 << 89) - 1), ((1 << 127) - 1) ** 2]
    assert not any(map(primes.is_prime, carmichael + pseudo + products))


@pytest.mark.parametrize("bits", [512, 1024, 1100])
def test_raw_operations_invert_each_other(bits):
    while True:
        half = [primes.random_prime(bits // 2) for _ in range(2)]
        if (half[0] * half[1]).bit_length() == bits:
            break
    made = complete(RsaKey(half[0] * half[1], 65537, *half))
    size = (bits + 7) // 8
    for number in (0, 1, 2, made.n - 1, secrets.randbelow(made.n), half[0], half[1]):
        block = number.to_bytes(size, "big")
        assert encodings.private_operation(made, encodings.public_operation(made, block)) == block
        assert encodings.private_operation(made, block) == pow(number, made.d, made.n).to_bytes(size, "big")
    for block in (made.n.to_bytes(size, "big"), bytes(size - 1), bytes(size + 1), b"", b"\xff" * size):
        for operation in (encodings.private_operation, encodings.public_operation):
            with pytest.raises(cngcore.InvalidParameterError):
                operation(made, block)


PADDED = {
    "first byte": b"\1\2" + b"\xff" * 8 + b"\0hello",
    "block type 1": b"\0\1" + b"\xff" * 8 + b"\0hello",
    "block type 0": b"\0\0" + b"\xff" * 8 + b"\0hello",
    "seven bytes of padding": b"\0\2" + b"\xff" * 7 + b"\0hello!",
    "zero at once": b"\0\2\0" + b"\xff" * 12,
    "no zero": b"\0\2" + b"\xff" * 13,
    "all zero": bytes(16),
}


@pytest.mark.parametrize("what", PADDED)
def test_every_broken_padding_is_one_error(what):
    """contract: rule-python-padding-uniform: one status for every cause."""
    with pytest.raises(cngcore.InvalidParameterError) as caught:
        encodings.pkcs1_decode(PADDED[what])
    assert str(caught.value) == ("STATUS_INVALID_PARAMETER: the ciphertext does not decrypt under this key and padding")


def test_good_padding_gives_the_message():
    for message in (b"", b"x", b"\0", b"\0" * 4, b"hello"):
        assert encodings.pkcs1_decode(b"\0\2" + b"\x01" * 8 + b"\0" + message) == message


def test_a_changed_ciphertext_never_gives_a_made_up_message(key):
    """The back end returns a random message (implicit rejection), but this provider must raise an error."""
    cipher = bytearray(key.encrypt(b"attack at dawn", cngcore.Pkcs1()))
    native = key._material.private_key
    refused = 0
    for index in range(0, len(cipher), 3):
        cipher[index] ^= 1
        assert isinstance(native.decrypt(bytes(cipher), schemes.PKCS1v15()), bytes)
        try:
            key.decrypt(cipher, cngcore.Pkcs1())
        except cngcore.InvalidParameterError:
            refused += 1
        cipher[index] ^= 1
    assert refused >= len(range(0, len(cipher), 3)) - 1
    assert key.decrypt(cipher, cngcore.Pkcs1()) == b"attack at dawn"


def test_the_trial_finds_a_composite_prime(provider):
    """The numbers of such a key agree, but a trial signature fails."""
    while True:
        p = primes.random_prime(256) * primes.random_prime(256)
        q = primes.random_prime(512)
        try:
            bad = complete(RsaKey(p * q, 65537, p, q))
        except cngcore.InvalidParameterError:
            continue
        break
    check(bad)
    with pytest.raises(cngcore.InvalidParameterError):
        provider.import_key_pair("RSAFULLPRIVATEBLOB", build("RSAFULLPRIVATEBLOB", bad))


@pytest.mark.parametrize("bits", [8, 128, 255, 16385, 32768])
def test_sizes_that_cannot_be_imported_are_refused_at_once(provider, bits):
    n = (1 << bits) - 1
    blob = build("RSAPUBLICBLOB", RsaKey(n, 3))
    with pytest.raises(cngcore.InvalidParameterError):
        provider.import_key_pair("RSAPUBLICBLOB", blob)


@pytest.mark.parametrize("exponent", [0, 1, 2, 4, 65536])
def test_exponents_that_are_none_are_refused(provider, key, exponent):
    n = key._material.numbers().n
    with pytest.raises(cngcore.InvalidParameterError):
        provider.import_key_pair("RSAPUBLICBLOB", build("RSAPUBLICBLOB", RsaKey(n, exponent)))


def test_a_key_made_here_is_one_to_the_back_end(key):
    from cryptography.hazmat.primitives import hashes, serialization

    digest = bytes(32)
    signature = key.sign_hash(digest, cngcore.Pss("SHA256", 20))
    der = key._material.private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    loaded = serialization.load_der_private_key(der, None)
    from cryptography.hazmat.primitives.asymmetric import utils

    loaded.public_key().verify(
        signature, digest, schemes.PSS(schemes.MGF1(hashes.SHA256()), 20), utils.Prehashed(hashes.SHA256())
    )


@pytest.mark.parametrize(
    ("padding", "size"),
    [
        (cngcore.Pkcs1("SHA512"), 64),
        (cngcore.Pss("SHA512", 0), 64),
        (cngcore.Pss("SHA1", 43), 20),
        (cngcore.Pss("SHA1", -1), 20),
        (cngcore.Pss("SHA1", "auto"), 20),
        (cngcore.Pkcs1(None), 54),
        (cngcore.Pkcs1("SHA1"), 21),
        (cngcore.Oaep("SHA1"), 20),
        (None, 64),
    ],
)
def test_what_does_not_fit_a_key_of_512_bits_is_refused(provider, padding, size):
    with provider.generate_key_pair(512) as small:
        small.finalize()
        with pytest.raises(cngcore.InvalidParameterError):
            small.sign_hash(bytes(size), padding)
        assert len(small.sign_hash(bytes(20), cngcore.Pss("SHA1", 42))) == 64
        assert len(small.sign_hash(bytes(53), cngcore.Pkcs1(None))) == 64


def test_rsa_sign_signs_and_does_not_encrypt(key):
    """contract: rule-generate-rsa-sign: RSA_SIGN works in full as a signature algorithm."""
    with cngcore.open_algorithm_provider("RSA_SIGN") as signing:
        twin = signing.import_key_pair("RSAPRIVATEBLOB", key.export("RSAPRIVATEBLOB"))
        twin.verify_signature(bytes(20), key.sign_hash(bytes(20), cngcore.Pkcs1("SHA1")), cngcore.Pkcs1("SHA1"))
        for call in (lambda: twin.encrypt(b"x", cngcore.Pkcs1()), lambda: twin.decrypt(bytes(128))):
            with pytest.raises(cngcore.NotSupportedError):
                call()


@pytest.mark.parametrize(("name", "hash_id"), [("md5", "MD5"), ("sha3_256", "SHA3-256"), ("sha3_384", "SHA3-384")])
def test_our_own_oaep_is_the_standards(key, name, hash_id):
    """The back end has no OAEP with these hashes. The padding is compared with RFC 8017 section 7.1.2, step by step."""
    size = hashlib.new(name).digest_size
    room = 128 - 2 * size - 2

    def mgf(seed, length):
        parts = (hashlib.new(name, seed + bytes([0, 0, 0, i])).digest() for i in range(length // size + 1))
        return b"".join(parts)[:length]

    def xor(one, other):
        return bytes(x ^ y for x, y in zip(one, other, strict=True))

    for message, label in ((b"", b""), (b"hello", b""), (b"x" * room, b"label")):
        block = encodings.oaep_encode(message, label, 128, hash_id)
        assert len(block) == 128
        assert block[0] == 0
        seed = xor(block[1 : size + 1], mgf(block[size + 1 :], size))
        data = xor(block[size + 1 :], mgf(seed, 127 - size))
        assert data == hashlib.new(name, label).digest() + bytes(room - len(message)) + b"\1" + message
        assert encodings.oaep_decode(block, label, hash_id) == message
        for index in (0, 1, size + 4, 127):
            bad = block[:index] + bytes([block[index] ^ 1]) + block[index + 1 :]
            with pytest.raises(cngcore.InvalidParameterError):
                encodings.oaep_decode(bad, label, hash_id)
        with pytest.raises(cngcore.InvalidParameterError):
            encodings.oaep_decode(block, label + b"?", hash_id)
        padding = cngcore.Oaep(hash_id, label)
        assert key.decrypt(key.encrypt(message, padding), padding) == message
    with pytest.raises(cngcore.InvalidParameterError):
        key.encrypt(b"x" * (room + 1), cngcore.Oaep(hash_id))
    with pytest.raises(cngcore.InvalidParameterError):
        encodings.oaep_decode(bytes(2 * size + 1), b"", hash_id)
    with pytest.raises(cngcore.InvalidParameterError):
        encodings.oaep_decode(bytes(2 * size + 2), b"", hash_id)


def test_our_own_oaep_and_the_back_ends_are_the_same_where_both_are(key):
    message = b"both ways"
    numbers = key._material.numbers()
    block = encodings.oaep_encode(message, b"l", 128, "SHA256")
    assert key.decrypt(encodings.public_operation(numbers, block), cngcore.Oaep("SHA256", b"l")) == message
    theirs = key.encrypt(message, cngcore.Oaep("SHA256", b"l"))
    assert encodings.oaep_decode(encodings.private_operation(numbers, theirs), b"l", "SHA256") == message
