"""What an implementation makes at its first use is whole for every thread that sees it."""

import sys
import threading

import pytest

import cngcore


@pytest.mark.parametrize("name", ["AES", "XTS-AES", "PBKDF2"])
def test_the_properties_of_an_algorithm_that_threads_open_first(name):
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(30):
            registry = cngcore.Registry()
            registry.candidates(name)
            errors, ready = [], threading.Barrier(4)

            def read(registry=registry, errors=errors, ready=ready):
                ready.wait()
                try:
                    with registry.open_algorithm_provider(name) as opened:
                        opened.get_property("ObjectLength")
                except cngcore.CngError as error:
                    errors.append(str(error))

            threads = [threading.Thread(target=read) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert not errors
    finally:
        sys.setswitchinterval(interval)
