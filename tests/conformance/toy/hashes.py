"""SHA-256, its HMAC, and random numbers."""

import hashlib
import hmac
import os

from cngcore import provider


class State(provider.HashState):
    digest_length = 32

    def __init__(self, state):
        self.state = state

    def update(self, data):
        self.state.update(data)

    def digest(self, length):
        return self.state.digest()[:length]

    def copy(self):
        return State(self.state.copy())


class HashFactory(provider.HashFactory):
    def start(self, key):
        if key is None:
            return State(hashlib.sha256())
        return State(hmac.new(key, digestmod="sha256"))


class RandomFactory(provider.RandomFactory):
    def fill(self, buffer):
        buffer[:] = os.urandom(len(buffer))
