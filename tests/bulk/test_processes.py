"""The worker processes: what becomes of a call that fails, and of a process that cannot start."""

import errno
import os
import subprocess
import sys
from types import ModuleType

import pytest
from helpers import python

from cngcore.bulk import BulkKey
from cngcore.bulk._processes import Processes


@pytest.fixture
def processes():
    made = Processes(1)
    yield made
    made.shutdown()


def answered(processes, *call):
    """Return the future of a call, which must be done after one wait."""
    future = processes.submit(*call)
    assert processes.wait() == [future]
    assert future.done()
    return future


def test_an_error_in_a_worker_is_the_error_of_its_call(processes):
    assert type(answered(processes, int, "x").exception()) is ValueError
    assert answered(processes, int, "7").result() == 7
    assert len(processes.pids) == 1


def test_a_call_that_the_worker_cannot_read_fails_and_the_next_succeeds(processes, monkeypatch):
    """A module of this process only, as __main__ of an interactive session is."""
    here = ModuleType("acme_here")
    monkeypatch.setitem(sys.modules, "acme_here", here)
    exec("def call(): return 1", vars(here))
    assert type(answered(processes, here.call).exception()) is ModuleNotFoundError
    assert answered(processes, int, "7").result() == 7


def test_settings_that_no_worker_can_read_fail_each_key():
    """A class of an interactive session; the call ended never, because a worker read no call after such a one."""
    program = """
import cngcore
from cngcore.bulk import generate_many
from cngcore.policy import Policy

class House(Policy):
    pass

found = list(generate_many("ECDSA_P256", 3, registry=cngcore.Registry(policies=[House("house", [])]), workers=1))
print([type(made.error).__name__ for made in found])
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == str(["InternalError"] * 3)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit of open files")
def test_a_process_that_cannot_start_leaves_nothing_open():
    program = """
import os, resource
from cngcore.bulk._processes import Processes

def is_open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False

def opened():
    return set(filter(is_open, range(256)))

first = Processes(1)  # starts what Python's own start of processes keeps open
first.submit(int, "7")
first.wait()
first.shutdown()
before, limits = opened(), resource.getrlimit(resource.RLIMIT_NOFILE)
for_a_pipe = sorted(set(range(256)) - before)[:2]
processes = Processes(1)
resource.setrlimit(resource.RLIMIT_NOFILE, (for_a_pipe[1] + 1, limits[1]))
try:
    processes.submit(int, "7")
except OSError as error:
    print(error.errno)
resource.setrlimit(resource.RLIMIT_NOFILE, limits)
print(len(opened() - before), len(processes.pids))
future = processes.submit(int, "7")
print(processes.wait() == [future], future.result())
"""
    assert python(program).stdout.split() == [str(errno.EMFILE), "0", "0", "True", "7"]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_as_many_workers_as_processors_that_may_be_used():
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
        "from cngcore.bulk import _processors; print(_processors())"
    )
    assert python(program).stdout.split() == ["1"]


def test_a_key_is_not_sealed_unless_it_says_so():
    made = BulkKey(1, b"private", b"public")
    assert (made.sealed, made.error) == (False, None)
