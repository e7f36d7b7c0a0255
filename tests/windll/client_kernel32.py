"""The one function of kernel32.dll that oscrypto calls in its tests."""

import time


def QueryPerformanceCounter(pointer):
    """Write a time into the LARGE_INTEGER of the caller, who uses ctypes or cffi."""
    if hasattr(pointer, "_obj"):
        pointer._obj.value = time.perf_counter_ns()
    elif hasattr(pointer, "contents"):
        pointer.contents.value = time.perf_counter_ns()
    else:
        pointer[0] = time.perf_counter_ns()
    return 1
