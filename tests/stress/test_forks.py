"""A fork while other threads work: the child uses and destroys its own and inherited keys, and never hangs."""

import os
import subprocess
import sys
import textwrap

import pytest
from helpers import representative

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

HEAD = """
import os, signal, sys, threading, time, warnings
warnings.simplefilter("ignore")
import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from cngcore import registry
from cngcore.provider import Algorithm, ExactLength, HashFactory, HashState, KeyFactory, KeyMaterial, hookimpl

entered, leave = threading.Event(), threading.Event()

def hold():
    entered.set()
    leave.wait(30)

def busy(call):
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    assert entered.wait(20)
    return thread

def forked(child):
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)                      # a child that hangs is killed, and the test fails
        try:
            child()
            os._exit(0)
        except BaseException as error:
            print(type(error).__name__, error, file=sys.stderr, flush=True)
            os._exit(1)
    status = os.waitpid(pid, 0)[1]
    assert status == 0, f"the child ended with {status:#x}"

def work():
    with cngcore.generate_key_pair("ECDSA_P256", 256) as key:
        key.verify_signature(bytes(32), key.sign_hash(bytes(32)))
"""

TOY = """
class Key(KeyMaterial):
    has_private = True
    signature_length = 4
    def sign_hash(self, digest, padding):
        if digest == b"hold":
            hold()
        return b"sign"
    def agree(self, peer):
        return bytearray(32)

class Factory(KeyFactory):
    def generate(self, request):
        return Key()

class State(HashState):
    digest_length = 4
    def update(self, data):
        if data == b"hold":
            hold()
    def digest(self, length):
        return b"dige"
    def copy(self):
        return State()

class Hashes(HashFactory):
    def start(self, key):
        return State()

slow = False
def make(declaration):
    if slow:
        hold()
    return Factory(declaration)

class PlugIn:
    @hookimpl
    def cngcore_register_algorithms(self):
        return [Algorithm("KEYED", "toy", {"sign", "agree"}, ExactLength(8), factory=Factory, concurrency="key"),
                Algorithm("SERIAL", "toy", {"sign"}, ExactLength(8), factory=Factory, concurrency="serial"),
                Algorithm("SLOW", "toy", {"sign"}, ExactLength(8), factory=make),
                Algorithm("HASH", "toy", {"hash"}, factory=Hashes)]

own = cngcore.Registry(policies=[])
own.register(PlugIn())
"""

CASES = {
    "a key's own lock": TOY
    + """
key = own.generate_key_pair("KEYED", 8)
busy(lambda: key.sign_hash(b"hold"))
forked(lambda: (key.sign_hash(b"other"), key.destroy(), work()))
leave.set()
""",
    "the lock of a serial factory": TOY
    + """
key = own.generate_key_pair("SERIAL", 8)
busy(lambda: key.sign_hash(b"hold"))
forked(lambda: (key.sign_hash(b"other"), own.generate_key_pair("SERIAL", 8).sign_hash(b"x"), work()))
leave.set()
""",
    "a hash in another thread": TOY
    + """
hash = own.open_algorithm_provider("HASH").create_hash()
busy(lambda: hash.update(b"hold"))
forked(lambda: (hash.update(b"other"), hash.finish(), hash.destroy(), work()))
leave.set()
""",
    "a factory that is being made": TOY
    + """
slow = True
busy(lambda: own.generate_key_pair("SLOW", 8))
threading.Timer(0.3, leave.set).start()
forked(lambda: own.generate_key_pair("SLOW", 8).sign_hash(b"x"))   # the fork waits until it is made
""",
    "a factory that never ends": TOY
    + """
from cngcore import _forks as forks
forks.PATIENCE = 0.2
slow = True
busy(lambda: own.generate_key_pair("SLOW", 8))
def child():
    global slow
    slow = False
    own.generate_key_pair("SLOW", 8).sign_hash(b"x")
    work()
forked(child)
leave.set()
work()
""",
    "a lock that is made while the fork waits for another one": """
from cngcore import _forks
from cngcore._forks import held_over_fork
_forks.PATIENCE = 2.0                             # it is waited for in vain
first, late = held_over_fork(threading.RLock()), []
def call():
    with first:
        entered.set()
        time.sleep(0.3)                       # the fork has begun and waits
        late.append(held_over_fork(threading.RLock()))
        late[0].acquire()
    leave.wait(30)
busy(call)
forked(lambda: late[0].acquire())
leave.set()
""",
    "the discovery of all providers": """
import importlib_metadata
entry_points = importlib_metadata.entry_points
def slowly():
    entered.set()
    time.sleep(0.3)
    return entry_points()
importlib_metadata.entry_points = slowly
busy(lambda: cngcore.open_algorithm_provider("RSA"))
forked(work)
work()
""",
    "a key that is being made": """
provider = cngcore.open_algorithm_provider("RSA")
key = provider.generate_key_pair(4096)
thread = threading.Thread(target=key.finalize)
thread.start()
time.sleep(0.1)                               # past OpenSSL's own locks, in the middle of its search for primes
def child():
    try:
        key.sign_hash(bytes(32), cngcore.Pkcs1("SHA256"))
    except cngcore.InvalidHandleError:
        pass
    key.destroy()
    work()
forked(child)
thread.join()
key.verify_signature(bytes(32), key.sign_hash(bytes(32), cngcore.Pkcs1("SHA256")), cngcore.Pkcs1("SHA256"))
""",
    "a pool that is being filled": """
from cngcore.pool import KeyPool
pool = KeyPool("ECDSA_P256", length=256, size=3)
first = pool.take(10).export("ECCPUBLICBLOB")
def child():
    key = pool.take(10)
    assert key.export("ECCPUBLICBLOB") != first
    pool.close()
    work()
forked(child)
pool.take(10)
pool.close()
""",
    "handles of every kind": """
h = bcrypt.BCryptOpenAlgorithmProvider("ECDH_P256")[1]
k = bcrypt.BCryptGenerateKeyPair(h, 256)[1]
assert bcrypt.BCryptFinalizeKeyPair(k).is_success
s = bcrypt.BCryptSecretAgreement(k, k)[1]
o = bcrypt.BCryptOpenAlgorithmProvider("SHA256")[1]
d = bcrypt.BCryptCreateHash(o)[1]
from cngcore.memory import LockedBuffer
buffer = LockedBuffer(32, b"x" * 32)
def use():
    out, digest = bytearray(32), bytearray(32)
    assert bcrypt.BCryptDeriveKey(s, "HASH", None, out)[0].is_success
    assert bcrypt.BCryptHashData(d, b"data").is_success
    assert bcrypt.BCryptFinishHash(d, digest).is_success
    for call, handle in ((bcrypt.BCryptDestroyKey, k), (bcrypt.BCryptDestroySecret, s), (bcrypt.BCryptDestroyHash, d),
                         (bcrypt.BCryptCloseAlgorithmProvider, h), (bcrypt.BCryptCloseAlgorithmProvider, o)):
        assert call(handle).is_success
        assert not call(handle).is_success
    assert handles.open_handles() == 0
    buffer.close()
    return bytes(out), bytes(digest)
forked(use)
use()
""",
    "fifty forks under eight threads": """
sys.path.insert(0, "tests")
from stress.mixed import Stress
stress = Stress(10**9)
threads = [threading.Thread(target=stress._work, args=(number,), daemon=True) for number in range(8)]
for thread in threads:
    thread.start()
for number in range(50):
    forked(work)
stress.left = 0
for thread in threads:
    thread.join()
assert not stress.problems, stress.problems
stress.close()
""",
}


@pytest.mark.parametrize("case", CASES)
def test_a_fork_while_another_thread_is_at(case: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(HEAD) + CASES[case]], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-1500:]
    assert done.stderr == ""


LATE = {
    "agreeing": "key.agree(key).derive('TRUNCATE')",
    "signing through the flat API": "bcrypt.BCryptSignHash(handle, None, bytes(32), bytearray(64))",
    "a name of the package": "cngcore.Oaep('SHA256')",
    "explaining": "cngcore.registry.default().explain('KEYED')",
    "waiting": "provider.generate_key_pair(8).finalize(progress=print)",
    "hashing": "bcrypt.BCryptCreateHash(hashes)",
    "listing": "bcrypt.BCryptEnumAlgorithms()",
    "watching": "watched.generate_key_pair('KEYED', 8)",
    "a name of the provider's side": "cngcore.provider.HashFactory",
    "a property with a structure": "bcrypt.BCryptGetProperty(algorithm, 'KeyLengths')",
}
"""What imports a module of the core when it is first done.

The keys and hashes are the toy's: OpenSSL has locks of its own, which are not free in a child (SECURITY.md).
"""

FORK_IN_AN_IMPORT = (
    TOY
    + """
cngcore.registry.default().register(PlugIn())
watched = cngcore.Registry(policies=["approved"])
watched.register(PlugIn())
provider = cngcore.open_algorithm_provider("KEYED")
key = provider.generate_key_pair(8)
key.finalize()
algorithm = bcrypt.BCryptOpenAlgorithmProvider("KEYED")[1]
handle = bcrypt.BCryptGenerateKeyPair(algorithm, 8)[1]
bcrypt.BCryptFinalizeKeyPair(handle)
hashes = bcrypt.BCryptOpenAlgorithmProvider("HASH")[1]

def act():
    {act}

begun = threading.Event()

def other():
    begun.set()
    act()

def trial():
    thread = threading.Thread(target=other)
    thread.start()
    begun.wait()
    time.sleep(delay)
    forked(act)
    thread.join()

for number in range(25):
    delay = number * 0.00015
    forked(trial)                             # each in a process of its own, where nothing is imported yet
"""
)


@pytest.mark.parametrize("what", representative(LATE, most=3))
def test_a_fork_while_another_thread_imports_what_is_needed_late(what: str) -> None:
    code = textwrap.dedent(HEAD) + FORK_IN_AN_IMPORT.replace("{act}", LATE[what])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-1500:]
