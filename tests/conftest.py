"""What all tests start from."""

import signal

from hypothesis import settings

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
"""No test judges by time: a busy machine is no fault of the code."""


def pytest_configure() -> None:
    """A shell starts jobs in the background with SIGINT ignored, and children inherit that; tests of Ctrl-C need it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
