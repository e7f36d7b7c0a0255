"""Run oscrypto's own tests inside the scope, and print the outcome of each as JSON."""

import importlib
import json
import sys
import unittest

MODULES = ("asymmetric", "init", "kdf", "keys", "symmetric", "trust_list")


class Outcomes(unittest.TestResult):
    """Keeps the last line of what went wrong."""

    def __init__(self):
        super().__init__()
        self.found = {}

    def addSuccess(self, test):
        self.found[test.id()] = "passed"

    def addSkip(self, test, reason):
        self.found[test.id()] = "skipped"

    def addError(self, test, error):
        self.found[test.id()] = f"{error[0].__name__}: {error[1]}"

    addFailure = addError


def main():
    import oscrypto

    if sys.argv[1] == "ctypes":
        oscrypto.use_ctypes()
    suite = unittest.TestSuite()
    for name in MODULES:
        module = importlib.import_module(f"oscrypto_tests.test_{name}")
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
    outcomes = Outcomes()
    suite.run(outcomes)
    print(json.dumps({"backend": oscrypto.backend(), "ffi": oscrypto.ffi(), "tests": outcomes.found}))


main()
