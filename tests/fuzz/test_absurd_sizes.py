"""A header that claims gigabytes is refused before anything is taken for it: in a process that has no such memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.names import FORMS

ROOT = Path(__file__).parents[2]

PARSERS = """
import itertools, resource, struct, sys, tracemalloc
family = sys.argv[1]
from fuzz import targets
from fuzz.samples import CORPUS
inputs = [path.read_bytes() for path in sorted((CORPUS / family).iterdir())]
if len(sys.argv) < 3:
    inputs = list({content[:4]: content for content in inputs}.values())  # one of each magic
for content in inputs:
    targets.run(family, content)                      # whatever is loaded lazily is loaded now
room = 64 << 20
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + room, used + room))
tracemalloc.start()
count = worst = 0
for content in inputs:
    positions = range(1, 13, 4) if family == "pq" else range(1, 41, 2)
    for position, size in itertools.product(positions, (0xFFFFFFFF, 0x7FFFFFFF, 0x10000000, 0x00FFFFF8)):
        for order in "<>":
            data = bytearray(content)
            data[position:position + 4] = struct.pack(order + "L", size)
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            targets.run(family, bytes(data))
            worst = max(worst, tracemalloc.get_traced_memory()[1] - before)
            count += 1
print(count, worst)
"""

OTHERS = r"""
import base64, itertools, resource, sys, tracemalloc
import cngcore
from cngcore import formats
key = cngcore.generate_key_pair("ECDSA_P256", 256)
text = bytes(formats.encode(formats.from_key(key), "pkcs8", encoding="pem"))
formats.decode(text)
der = bytes(formats.encode(formats.from_key(key), "pkcs8", encoding="der"))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (96 << 20), used + (96 << 20)))
tracemalloc.start()
worst = 0
claims = [b"\x30\x84\xff\xff\xff\xff", b"\x30\x84\x7f\xff\xff\xff" + der[2:], b"\x30\x88" + b"\xff" * 8,
          b"\x30\x82\x40\x00" * 3000, b"\x02\x84\x10\x00\x00\x00" + der, b"[" * 100000,
          b'{"kty":"RSA","n":"' + b"A" * 400000,
          b"-----BEGIN PRIVATE KEY-----\n" * 5000, b'{"kty":' + b"9" * 100000 + b"}", b"openssh-key-v1\0" + b"\xff" * 4]
for claim in claims:
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    try:
        formats.decode(claim)
        print("read", claim[:20])
    except cngcore.CngError as error:
        assert error.status.name in ("NTE_BAD_DATA", "STATUS_INVALID_PARAMETER", "STATUS_NOT_SUPPORTED"), error
    worst = max(worst, tracemalloc.get_traced_memory()[1] - before)
print(len(claims), worst)
"""


def run(code: str, *arguments: str) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    count, worst = done.stdout.split()
    return int(count), int(worst)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is set by what /proc says")
@pytest.mark.parametrize("more", [(), pytest.param(("all",), marks=pytest.mark.exhaustive)], ids=["one", "all"])
@pytest.mark.parametrize("family", FORMS)
def test_a_blob_that_claims_gigabytes(family: str, more: tuple[str, ...]) -> None:
    count, worst = run(PARSERS, family, *more)
    assert count > 100
    assert worst < 1 << 20, f"a blob of a few hundred bytes took {worst} bytes"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is set by what /proc says")
def test_other_forms_that_claim_gigabytes() -> None:
    count, worst = run(OTHERS)
    assert count == 10
    assert worst < 8 << 20, f"an input of less than half a megabyte took {worst} bytes"
