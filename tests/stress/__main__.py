"""``python -m tests.stress [operations] [threads]``: a million operations by eight threads, checked."""

import resource
import sys
import threading

from stress.mixed import run, served

if __name__ == "__main__":
    operations = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    counts, seconds = run(operations, threads)
    print(f"{sum(counts.values())} operations, {threads} threads, {seconds:.0f} s, GIL {'on' if gil else 'off'}")
    print("of " + ", ".join(served()))
    print(", ".join(f"{word} {count}" for word, count in counts.most_common()))
    print(
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB, {threading.active_count()} thread left"
    )
