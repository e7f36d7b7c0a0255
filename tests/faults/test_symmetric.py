"""A provider of ciphers and key derivations that raises at any of its methods: the status, the record, no secret kept.

As ``test_raises`` has it for key pairs, hashes and random numbers.
"""

import logging

import pytest
from faults import bench as asymmetric
from faults.bench import SECRET
from faults.test_raises import EVERYWHERE, RAISED, locals_in_tracebacks, striking, told

import cngcore
from cngcore import bcrypt, registry
from cngcore.bcrypt import BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO as INFO
from cngcore.bcrypt import _handles as handles
from cngcore.provider import (
    Algorithm,
    AuthenticatedState,
    CipherFactory,
    CipherMaterial,
    KdfFactory,
    KeyLengths,
    Mode,
    hookimpl,
)
from cngcore.status import CngError, NTStatus

CHAINED = bcrypt.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
TAG = bytes(16)
MODES = [
    Mode("CBC", default=True),
    Mode("ECB"),
    Mode("GCM", nonce=(12, 12, 1), tag=(12, 16, 1), chained=True),
]


class Plan(asymmetric.Plan):
    """Which method goes wrong, and which were reached."""

    def __init__(self):
        super().__init__()
        self.reached = []

    def __call__(self, method, answer=None):
        self.reached.append(method)
        return super().__call__(method, answer)


def provider(plan):
    class Message(AuthenticatedState):
        def update(self, data):
            return plan("update", data)

        def finish(self, tag):
            return plan("finish", TAG if tag is None else b"")

    class Material(CipherMaterial):
        def encrypt_blocks(self, data):
            return plan("encrypt_blocks", data)

        def decrypt_blocks(self, data):
            return plan("decrypt_blocks", data)

        def chain(self, mode, iv, data, encrypting, feedback):
            return plan("chain", (data, iv))

        def stream(self, data):
            return plan("stream", data)

        def sectors(self, number, unit, data, encrypting):
            return plan("sectors", data)

        def seal(self, mode, nonce, aad, data, tag_length):
            return plan("seal", (data, TAG[:tag_length]))

        def unseal(self, mode, nonce, aad, data, tag):
            return plan("unseal", data)

        def authenticated(self, mode, nonce, aad, encrypting, tag_length):
            return plan("authenticated", Message())

        def copy(self):
            return plan("copy", Material())

    class StreamMaterial(Material):
        block_length = 1

    class Ciphers(CipherFactory):
        def cipher(self, secret, request):
            stream = self.algorithm.block_length == 1
            return plan("cipher", StreamMaterial() if stream else Material())

    class Kdfs(KdfFactory):
        def derive(self, secret, parameters, length, flags):
            return plan("derive", bytes(length))

    class PlugIn:
        @hookimpl
        def cngcore_register_algorithms(self):
            lengths = KeyLengths(128, 128, 0)
            units, stream = [Mode("N/A", default=True, iv_length=8)], [Mode("N/A", default=True)]
            return [
                Algorithm("FAULTY", "toy", {"cipher"}, lengths, block_length=16, modes=MODES, factory=Ciphers),
                Algorithm("FAULTYUNITS", "toy", {"cipher"}, lengths, block_length=16, modes=units, factory=Ciphers),
                Algorithm("FAULTYSTREAM", "toy", {"cipher"}, lengths, block_length=1, modes=stream, factory=Ciphers),
                Algorithm("FAULTYKDF", "toy", {"derive"}, lengths, factory=Kdfs),
            ]

    return PlugIn()


class Bench:
    """The faulty provider: a key of each algorithm and mode, for both APIs."""

    def __init__(self, plan):
        self.plan = plan
        self.provider = bcrypt.BCryptOpenAlgorithmProvider("FAULTY")[1]
        self.things, self.flat = {}, {}
        for name, mode in (
            ("FAULTY", "CBC"), ("FAULTY", "ECB"), ("FAULTY", "GCM"), ("FAULTYUNITS", ""), ("FAULTYSTREAM", ""),
            ("FAULTYKDF", ""),
        ):  # fmt: skip
            key = cngcore.open_algorithm_provider(name).generate_symmetric_key(bytes(16))
            if mode:
                key.set_property(bcrypt.BCRYPT_CHAINING_MODE, f"ChainingMode{mode}")
            if name == "FAULTYUNITS":
                key.set_property(bcrypt.BCRYPT_MESSAGE_BLOCK_LENGTH, 16)
            self.things[mode or name] = key
            self.flat[mode or name] = handles.new_symmetric_handle(key)

    @property
    def records(self):
        return [record.getMessage() for record in self.caplog.records if record.name == "cngcore"]

    def encrypt(self, key, iv=None):
        iv = None if iv is None else bytearray(iv)
        return bcrypt.BCryptEncrypt(self.flat[key], bytes(16), None, iv, bytearray(16))

    def message(self, call, flags=0, data=16):
        info = INFO(bytes(12), None, bytearray(16), bytearray(16), dwFlags=flags)
        return call(self.flat["GCM"], bytes(data), info, bytearray(16), bytearray(data))

    def message_of_two(self, call):
        """A message of two pieces, of which the last is empty."""
        info = INFO(bytes(12), None, bytearray(16), bytearray(16), dwFlags=CHAINED)
        answer = call(self.flat["GCM"], bytes(16), info, bytearray(16), bytearray(16))
        assert answer == (NTStatus.STATUS_SUCCESS, 16)
        info.dwFlags &= ~CHAINED
        return call(self.flat["GCM"], b"", info, bytearray(16), bytearray(0))


def generated(bench):
    return bcrypt.BCryptGenerateSymmetricKey(bench.provider, bytes(16))


def decrypted(bench, key, iv=None):
    iv = None if iv is None else bytearray(iv)
    return bcrypt.BCryptDecrypt(bench.flat[key], bytes(16), None, iv, bytearray(16))


NONCE, DATA, UNIT = bytes(12), bytes(16), bytes(8)
WAYS = {
    # a method and how it is reached: by the flat API, by the objects
    "cipher": (generated, lambda b: cngcore.open_algorithm_provider("FAULTY").generate_symmetric_key(DATA)),
    "encrypt_blocks": (lambda b: b.encrypt("ECB"), lambda b: b.things["ECB"].encrypt(DATA)),
    "decrypt_blocks": (lambda b: decrypted(b, "ECB"), lambda b: b.things["ECB"].decrypt(DATA)),
    "chain": (lambda b: b.encrypt("CBC", DATA), lambda b: b.things["CBC"].encrypt(DATA, DATA)),
    "chain, to decrypt": (lambda b: decrypted(b, "CBC", DATA), lambda b: b.things["CBC"].decrypt(DATA, DATA)),
    "stream": (lambda b: b.encrypt("FAULTYSTREAM"), lambda b: b.things["FAULTYSTREAM"].encrypt(DATA)),
    "sectors": (lambda b: b.encrypt("FAULTYUNITS", UNIT), lambda b: b.things["FAULTYUNITS"].encrypt(DATA, UNIT)),
    "seal": (lambda b: b.message(bcrypt.BCryptEncrypt), lambda b: b.things["GCM"].encrypt_authenticated(DATA, NONCE)),
    "unseal": (
        lambda b: b.message(bcrypt.BCryptDecrypt), lambda b: b.things["GCM"].decrypt_authenticated(DATA, NONCE, TAG)
    ),
    "authenticated": (lambda b: b.message(bcrypt.BCryptEncrypt, CHAINED), None),
    "update": (lambda b: b.message(bcrypt.BCryptEncrypt, CHAINED), None),
    "update, to decrypt": (lambda b: b.message(bcrypt.BCryptDecrypt, CHAINED), None),
    "finish": (lambda b: b.message_of_two(bcrypt.BCryptEncrypt), None),
    "finish, to decrypt": (lambda b: b.message_of_two(bcrypt.BCryptDecrypt), None),
    "copy": (lambda b: bcrypt.BCryptDuplicateKey(b.flat["FAULTYSTREAM"]), lambda b: b.things["FAULTYSTREAM"].copy()),
    "derive": (
        lambda b: bcrypt.BCryptKeyDerivation(b.flat["FAULTYKDF"], [], bytearray(9)),
        lambda b: b.things["FAULTYKDF"].derive(9),
    ),
}  # fmt: skip


@pytest.fixture
def bench(caplog):
    caplog.set_level(logging.DEBUG, logger="cngcore")
    plan = Plan()
    own = cngcore.Registry(policies=[])
    own.register(provider(plan))
    with registry.using(own):
        made = Bench(plan)
        made.caplog = caplog
        caplog.clear()
        plan.reached.clear()
        yield made
        for table in (handles.symmetric_keys, handles.algorithms):
            table.clear()


@pytest.mark.parametrize("way", WAYS)
def test_the_calls_reach_the_methods(way, bench):
    """A fault there is then what the other tests see."""
    for call in filter(None, WAYS[way]):
        bench.plan.reached.clear()
        answer = call(bench)
        status = answer[0] if isinstance(answer, tuple) else answer
        assert not isinstance(status, NTStatus) or status.is_success
        assert way.partition(",")[0] in bench.plan.reached


@pytest.mark.parametrize("raised", EVERYWHERE)
@pytest.mark.parametrize("way", WAYS)
def test_flat_api(way, raised, bench):
    make, expected = RAISED[raised]
    bench.plan.faults[way.partition(",")[0]] = striking(make)
    call, before = WAYS[way][0], handles.open_handles()
    if expected is None:
        with pytest.raises(KeyboardInterrupt):
            call(bench)
    else:
        answer = call(bench)
        status, *rest = answer if isinstance(answer, tuple) else (answer,)
        assert status is expected
        assert all(one is None for one in rest)
    told(bench.records, expected)
    assert handles.open_handles() == before


@pytest.mark.parametrize("raised", EVERYWHERE)
@pytest.mark.parametrize("way", [way for way, (_, thing) in WAYS.items() if thing is not None])
def test_object_api(way, raised, bench):
    make, expected = RAISED[raised]
    bench.plan.faults[way.partition(",")[0]] = striking(make)
    call = WAYS[way][1]
    if expected is None:
        with pytest.raises(KeyboardInterrupt):
            call(bench)
    else:
        with pytest.raises(CngError) as caught:
            call(bench)
        assert caught.value.status is expected
        assert SECRET not in f"{caught.value} {caught.value!r}"
        assert locals_in_tracebacks(caught.value) == []
    told(bench.records, expected)
