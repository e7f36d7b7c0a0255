"""What a Windows program in Python does, for the tests: types and calls as ctypes programs write them."""

import ctypes
from ctypes import byref, c_void_p, create_string_buffer

SUCCESS = 0


def unsigned(status):
    """A status as the header writes it; ctypes gives a signed number if the program sets no restype."""
    return status & 0xFFFFFFFF


class Bcrypt:
    """bcrypt.dll with the arguments of C; each call must succeed."""

    def __init__(self, dll, ulong=ctypes.c_uint):
        self.dll, self.ulong = dll, ulong

    def __getattr__(self, name):
        function = getattr(self.dll, name)

        def call(*arguments):
            status = unsigned(function(*arguments))
            assert status == SUCCESS, f"{name} answered {status:08x}"

        return call

    def open(self, algorithm, flags=0):
        handle = c_void_p()
        self.BCryptOpenAlgorithmProvider(byref(handle), algorithm, None, flags)
        return handle

    def pair(self, algorithm, length):
        opened, key = self.open(algorithm), c_void_p()
        self.BCryptGenerateKeyPair(opened, byref(key), length, 0)
        self.BCryptFinalizeKeyPair(key, 0)
        self.BCryptCloseAlgorithmProvider(opened, 0)
        return key

    def symmetric(self, algorithm, secret, mode=None):
        opened, key = self.open(algorithm), c_void_p()
        if mode is not None:
            value = ctypes.create_unicode_buffer(mode)
            self.BCryptSetProperty(opened, "ChainingMode", value, ctypes.sizeof(value), 0)
        self.BCryptGenerateSymmetricKey(opened, byref(key), None, 0, secret, len(secret), 0)
        self.BCryptCloseAlgorithmProvider(opened, 0)
        return key

    def twice(self, name, *arguments):
        """Call for the size, then with a buffer, as C does; the arguments have None where the output goes."""
        size, at = self.ulong(), arguments.index(Ellipsis)
        before, after = arguments[:at], arguments[at + 1 :]
        getattr(self, name)(*before, None, 0, byref(size), *after)
        buffer = create_string_buffer(size.value)
        getattr(self, name)(*before, buffer, size.value, byref(size), *after)
        return buffer.raw[: size.value]
