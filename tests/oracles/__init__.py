"""Second implementations for the tests, written from the standards and the contract.

Nothing here imports ``cngcore``, so a mistake in the library cannot hide behind itself.
"""
