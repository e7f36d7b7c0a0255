"""What cngcore costs, measured as ratios: ``python -m benchmarks [group...]`` in a source tree, all of it installed.

Groups: ``cycle`` (generate, finalize and destroy over a back end that does nothing, and over P-256), ``operations``
(every algorithm over its bare back end), ``start`` (processes), ``workers`` (threads and processes), ``handles`` (a
million live keys), ``primes`` (our own arithmetic with gmpy2 and without), ``peers`` (other software that makes keys).

The suite has a harness of its own (:mod:`benchmarks.harness`). pyperf gives every benchmark processes of its own, one
after another: on a machine that others use, the two sides of a ratio would be measured minutes apart and each see
another machine. Here the two sides take turns, a few milliseconds each, in one process (or, where the peer is another
program, with that program waiting on a pipe); a figure is the median of the rounds' own ratios. What runs in this
process is measured in processor time, what takes several processes or threads by the clock on the wall.
"""
