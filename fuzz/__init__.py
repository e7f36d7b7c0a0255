"""Fuzzing: of what reads bytes, guided by coverage, and of the life of handles, by a model.

``python -m fuzz FAMILY --minutes 60`` runs one family, ``python -m fuzz all`` each of them; ``--help`` names them. The
blob parsers, the formats of others, the DER reader and the flat API need ``atheris``, the family ``lives`` needs
``hypothesis`` (``pip install -r requirements-fuzz.txt``). What breaks a promise is kept under ``fuzz/findings/FAMILY``.

What is promised, and so what an input can break, is in :mod:`fuzz.targets` and :mod:`fuzz.lives`; the short run that
every test run makes, with seeded mutations and without atheris, is ``tests/fuzz``.
"""
