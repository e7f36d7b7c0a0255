"""Random numbers from the operating system."""

from __future__ import annotations

from os import urandom

from cngcore.provider import RandomFactory


class SystemRandom(RandomFactory):
    """``os.urandom``, the generator that the operating system recommends."""

    def fill(self, buffer: memoryview) -> None:
        buffer[:] = urandom(len(buffer))
