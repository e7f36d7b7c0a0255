"""Measure what cngcore costs, as ratios: ``python -m benchmarks [group...]`` in a source tree with everything
installed.

Groups: ``cycle`` (generate, finalize and destroy with a back end that does nothing, and with P-256), ``operations``
(every algorithm compared with its bare back end), ``start`` (processes), ``workers`` (threads and processes),
``handles`` (a million live keys), ``primes`` (our own arithmetic with and without gmpy2), ``peers`` (other software
that makes keys).

The suite has its own harness (:mod:`benchmarks.harness`). pyperf gives every benchmark its own processes, one after
another; on a shared machine the two sides of a ratio would then be measured minutes apart under different load. Here
the two sides take turns of a few milliseconds in one process. If the peer is another program, it waits on a pipe. A
figure is the median of the ratios of the rounds. Work in this process is measured in processor time, work of several
processes or threads in wall time.
"""
