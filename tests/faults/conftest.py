"""The bench of every test here."""

import logging
from collections.abc import Iterator

import pytest
from faults.bench import Bench, Plan, provider

import cngcore
from cngcore import registry
from cngcore.bcrypt import _handles as handles


@pytest.fixture
def bench(caplog: pytest.LogCaptureFixture) -> Iterator[Bench]:
    caplog.set_level(logging.DEBUG, logger="cngcore")
    plan = Plan()
    own = cngcore.Registry(policies=[])
    own.register(provider(plan))
    with registry.using(own):
        made = Bench(plan, caplog)
        caplog.clear()
        yield made
        plan.faults.clear()
        for table in (handles.keys, handles.secrets, handles.hashes, handles.algorithms):
            table.clear()
