"""The interpreter ends with everything still alive: status 0, and nothing on stderr."""

import subprocess
import sys

import pytest
from helpers import representative

LIVING = """
import threading, time
import cngcore
from cngcore import bcrypt
from cngcore.memory import LockedBuffer
from cngcore.pool import KeyPool
from cngcore.provider import hookimpl

keys = [cngcore.generate_key_pair("ECDH_P256", 256), cngcore.generate_key_pair("RSA", 1024),
        cngcore.generate_key_pair("ML-KEM", parameter_set="768"),
        cngcore.generate_key_pair("ML-DSA", parameter_set="44"),
        cngcore.generate_key_pair("DH", 512)]
secret = keys[0].agree(keys[0])
hash = cngcore.open_algorithm_provider("SHA256").create_hash()
hash.update(b"data")
empty = cngcore.open_algorithm_provider("RSA").generate_key_pair(2048)
buffer = LockedBuffer(64, b"x" * 64)
view = memoryview(buffer)
algorithm = bcrypt.BCryptOpenAlgorithmProvider("RSA")[1]
handle = bcrypt.BCryptGenerateKeyPair(algorithm, 512)[1]
bcrypt.BCryptFinalizeKeyPair(handle)
"""
ENDS = {
    "the end of the program": "",
    "sys.exit": "import sys; sys.exit()",
    "a cycle": "cycle = [keys, secret, buffer, hash]; cycle.append(cycle); del keys, secret, buffer, hash, view",
    "a pool at work": 'pool = KeyPool("RSA", length=1024, size=50); pool.take(30)',
    "a pool of keys that take long": 'pool = KeyPool("RSA", length=4096, size=4); time.sleep(0.1)',
    "keys that are watched": """
class Listener:
    @hookimpl
    def cngcore_key_event(self, event):
        events.append(event.to_dict())
events = []
own = cngcore.Registry()
own.register(Listener())
watched = [own.generate_key_pair("ECDSA_P256", 256) for _ in range(3)]
""",
    "a key in the making, given up": """
cancel = threading.Event()
threading.Timer(0.05, cancel.set).start()
try:
    cngcore.open_algorithm_provider("RSA").generate_key_pair(8192).finalize(cancel=cancel)
except cngcore.CancelledError:
    pass
""",
    "threads that use the keys": """
def use():
    while True:
        keys[1].sign_hash(bytes(32), cngcore.Pkcs1("SHA256"))
        keys[2].encapsulate()
for _ in range(4):
    threading.Thread(target=use, daemon=True).start()
time.sleep(0.1)
""",
    "an exit handler that uses them": """
import atexit
atexit.register(lambda: (keys[1].sign_hash(bytes(32), cngcore.Pkcs1("SHA256")), secret.derive("HASH")))
""",
}


@pytest.mark.parametrize("end", representative(ENDS, kind=lambda end: "keys" in end, most=3))
def test_the_end_comes_with_all_of_it_alive(end: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", LIVING + ENDS[end]], capture_output=True, text=True, timeout=120
    )
    assert done.stderr == ""
    assert done.returncode == 0
