"""Coverage-guided fuzzing of what reads bytes: the blob parsers, the formats of others, the flat API.

``python -m fuzz FAMILY --minutes 60`` runs one family, ``python -m fuzz --list`` names them. It needs ``atheris``
(``pip install -r requirements-fuzz.txt``). Inputs that break a promise are kept under ``fuzz/findings/FAMILY``.

What is promised, and so what an input can break, is in :mod:`fuzz.targets`; the short run that every test run makes,
with seeded mutations and without atheris, is ``tests/fuzz``.
"""
