"""What the kit cannot know: another program has the same keys and signatures."""

import pytest

import cngcore

PRIVATE = bytes.fromhex(
    "E2BDAA37C8CFFE5E8D5676C23267890C31441758F573285881CDC82AB911DD8472DC8D26DF6EF708F4C41AF9FD04B65A"
    "8927927229891D47A60D67ECEF3D2C17"
)
"""The key of NIST's ACVP, SLH-DSA-keyGen-FIPS205, test 21: SLH-DSA-SHA2-128f."""


@pytest.fixture
def key():
    der = bytes.fromhex("3052020100300b06096086480165030403150440") + PRIVATE  # RFC 9909 section 6
    return cngcore.load_key(der)


def test_a_file_of_rfc_9909_is_read_and_written(key, tmp_path):
    assert (key.algorithm, key.parameter_set, key.has_private) == ("SLH-DSA", "SHA2-128f", True)
    assert key.export("PQDSAPUBLICBLOB").endswith(PRIVATE[32:])
    assert key.export("PQDSAPRIVATEBLOB") == b"SHSK\x14\0\0\0\x40\0\0\0" + "SHA2-128f\0".encode("utf-16-le") + PRIVATE
    key.save(tmp_path / "key.pem", passphrase="secret")
    again = cngcore.load_key(tmp_path / "key.pem", passphrase="secret")
    assert again.export("PQDSAPRIVATEBLOB") == key.export("PQDSAPRIVATEBLOB")
    key.public().save(tmp_path / "public.pem")
    public = cngcore.load_key(tmp_path / "public.pem")
    public.verify(b"message", key.sign(b"message"))


def test_every_set_makes_and_reads_its_keys():
    with cngcore.open_algorithm_provider("SLH-DSA") as slhdsa:
        for known in slhdsa.declaration.parameter_sets:
            made = cngcore.generate_key_pair("SLH-DSA", parameter_set=known.name)
            again = slhdsa.import_key_pair("PQDSAPRIVATEBLOB", made.export("PQDSAPRIVATEBLOB"))
            assert (again.parameter_set, again.fingerprint()) == (known.name, made.fingerprint())
            assert cngcore.load_key(made.to_pem()).fingerprint() == made.fingerprint()


def test_two_signatures_of_one_message_differ(key):
    assert key.sign(b"message") != key.sign(b"message")
