"""What the tests of ``cng generate``, ``inspect`` and ``convert`` share."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import jsonschema
from cli import commandline


def run(capsys, *arguments):
    """Exit status, standard output as bytes, standard error as text."""
    status, out, err = commandline.run(capsys, *arguments)
    return status, out if isinstance(out, bytes) else out.encode(), err.decode() if isinstance(err, bytes) else err


def told(capsys, command, *arguments, status=0):
    """What a command prints with ``--json``, held against its schema."""
    answered, out, err = run(capsys, command, *arguments, "--json")
    assert answered == status, err
    data = json.loads(out)
    validator(command).validate(data)
    return data


@cache
def validator(command):
    """A validator of the schema of a command, which is checked once."""
    schema = json.loads(files("cngcore.cli").joinpath(f"schemas/{command}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def failed(capsys, status, *arguments):
    """The one line of a command that must fail."""
    answered, out, err = run(capsys, *arguments)
    assert answered == status, err
    assert out == b""
    assert err.count("\n") == 1
    return err
