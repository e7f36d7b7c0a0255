"""Signals while keys are made: what the handler raises comes out, the key is empty or whole, and all goes on.

Each case runs in an interpreter of its own: an exception out of a handler may come at any line, pytest's included.
"""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import representative

import cngcore

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="POSIX")

HEAD = """
import os, signal, sys, threading, time
import cngcore

class Alarm(Exception):
    pass

rung = 0
def ring(number, frame):
    global rung
    rung += 1
    if RAISES:
        raise Alarm

def alarmed(call, first, every=0.0):
    '''Whether the call came to its end.'''
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, first, every)
            call()
            return True
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Alarm:
        return False

signal.signal(signal.SIGALRM, ring)
"""

CASES = {
    "our own generator": """
for name, bits in (("DSA", 1024), ("RSA", 960)):
    for turn in range(6):
        key = cngcore.open_algorithm_provider(name).generate_key_pair(bits)
        whole = alarmed(key.finalize, 0.005)
        if not whole and key.state == "empty":
            key.finalize()                       # the key can be tried again
        key.export(f"{name}PRIVATEBLOB")
        key.destroy()
assert rung, "the alarm never rang"
""",
    "our own generator, waited for": """
for turn in range(4):
    key = cngcore.open_algorithm_provider("DSA").generate_key_pair(1024)
    never = threading.Event()
    whole = alarmed(lambda: key.finalize(cancel=never), 0.01)
    assert key.state == "finalized" if whole else True
    if not whole:
        for _ in range(2000):                    # the generator looks up at its next candidate, and gives up
            if not any("in the making" in thread.name for thread in threading.enumerate()):
                break
            time.sleep(0.005)
        if key.state == "empty":
            key.finalize()
    key.export("DSAPRIVATEBLOB")
""",
    "a back end that cannot be interrupted": """
for turn in range(4):
    key = cngcore.open_algorithm_provider("RSA").generate_key_pair(2048)
    alarmed(key.finalize, 0.005)
    if key.state == "empty":
        key.finalize()
    scheme = cngcore.Pkcs1("SHA256")
    key.verify_signature(bytes(32), key.sign_hash(bytes(32), scheme), scheme)
    key.destroy()
""",
    "a storm, in the middle of the core's own lines": """
whole = 0
provider = cngcore.open_algorithm_provider("ECDH_P256")
def life():
    global whole
    while rung < before + 1:
        with provider.generate_key_pair(256) as key:
            key.finalize()
            with key.agree(key) as secret:
                secret.derive("HASH")
            whole += 1
for turn in range(150):
    before = rung
    alarmed(life, 0.001 + turn * 0.00002)
assert rung >= 150 and whole > 0, (rung, whole)
key = provider.generate_key_pair(256)
key.finalize()
key.agree(key).derive("HASH")
""",
    "a storm, while another registry finds its providers": """
found = 0
for turn in range(40):
    own = cngcore.Registry(policies=[])
    if not alarmed(lambda: own.open_algorithm_provider("ECDSA_P256"), 0.0002 + turn * 0.0002):
        pass
    with own.generate_key_pair("ECDSA_P256", 256) as key:      # the interrupted one works all the same
        key.verify_signature(bytes(32), key.sign_hash(bytes(32)))
        found += 1
assert found == 40
""",
}


def told(stderr: str) -> str:
    """What was printed, without what Python itself tells of a handler that raised where nobody can catch it.

    That is in a finalizer, a callback of a weak reference, or the first lines of a thread (where Python then misses an
    entry of its own). The only such place of ours is the finalizer of SecretBytes, and it wipes all the same.
    """
    blocks = re.split(r"^(?=Exception ignored in)", stderr, flags=re.MULTILINE)
    return "".join(
        block for block in blocks if not (_IGNORED.fullmatch(block) and _OURS.isdisjoint(_FILE.findall(block)))
    )


_IGNORED = re.compile(r"Exception ignored in( thread started by.*|: .*\nAlarm: \n)", re.DOTALL)
"""Of a thread it may be cut short: it is a daemon, and the program ends. Its own errors begin otherwise."""
_FILE = re.compile(r'File "([^"]+)"')
_OURS = {str(path) for path in Path(cngcore.__file__).parent.rglob("*.py") if path.name != "memory.py"}


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert told(done.stderr) == ""
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("raises", [True, False], ids=["a handler that raises", "a handler that returns"])
@pytest.mark.parametrize("case", representative(CASES, kind=lambda case: "storm" in case))
def test_alarm_during(case: str, raises: bool) -> None:
    run(f"RAISES = {raises}\n{HEAD}{CASES[case]}")


INTERRUPT = """
import os, signal, sys, threading, time
import cngcore
from cngcore import bcrypt
handle = bcrypt.BCryptOpenAlgorithmProvider("{name}")[1]
flat = bcrypt.BCryptGenerateKeyPair(handle, {bits})[1]
key = cngcore.open_algorithm_provider("{name}").generate_key_pair({bits})
cngcore.generate_key_pair("{name}", 1024)    # whatever is loaded lazily is loaded
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    {call}
    time.sleep(5)               # a library that had finished before the signal came
except KeyboardInterrupt:
    print("interrupted", key.state)
cngcore.generate_key_pair("ECDSA_P256", 256).sign_hash(bytes(32))
"""


@pytest.mark.parametrize(
    "call",
    [
        "key.finalize()",
        "key.finalize(cancel=threading.Event())",
        "key.finalize(progress=lambda doing, seconds: None)",
        "bcrypt.BCryptFinalizeKeyPair(flat)",
    ],
)
@pytest.mark.parametrize(("name", "bits"), representative([("DSA", 3072), ("RSA", 4096)]))
def test_interrupt_from_the_keyboard(name: str, bits: int, call: str) -> None:
    """KeyboardInterrupt comes out of the flat and the object API alike, and is never swallowed as a status."""
    said = run(INTERRUPT.format(name=name, bits=bits, call=call)).split()
    assert said[0] == "interrupted"
    assert said[1] in ("empty", "finalized")
