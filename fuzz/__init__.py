"""Fuzz everything that reads bytes, guided by coverage, and the life of handles, guided by a model.

``python -m fuzz FAMILY --minutes 60`` runs one family, ``python -m fuzz all`` each of them; ``--help`` lists them. The
blob parsers, the formats of other programs, the DER reader and the flat API need ``atheris``; the family ``lives``
needs ``hypothesis`` (``pip install -r requirements-fuzz.txt``). Inputs that break a promise are kept in
``fuzz/findings/FAMILY``.

:mod:`fuzz.targets` and :mod:`fuzz.lives` say what is promised. ``tests/fuzz`` is the short version in every test run,
with seeded mutations and without atheris.
"""
