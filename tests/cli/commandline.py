"""What the tests of the ``cng`` command share: running it, and a provider that answers wrongly in one place."""

import cngcore
from cngcore.cli import main
from cngcore.provider import KeyFactory, KeyMaterial, hookimpl

__all__ = ["Factory", "registry_of", "run"]


def run(capsys, *arguments):
    """Exit status, standard output and standard error of one command, as text."""
    try:
        status = main([str(argument) for argument in arguments])
    except SystemExit as end:
        status = end.code
    return (status, *capsys.readouterr())


class Key(KeyMaterial):
    """Signs, and takes every signature for right."""

    has_private = True
    signature_length = 2

    def sign_hash(self, digest, padding):
        return b"no"

    def verify_signature(self, digest, signature, padding):
        return True


class Factory(KeyFactory):
    def generate(self, request):
        return Key()


def registry_of(*algorithms):
    """In the block, a default registry with these declarations alone."""

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            return list(algorithms)

    registry = cngcore.Registry(discover=False)
    registry.register(Plugin())
    return cngcore.registry.using(registry)
