"""A plug-in that fails is skipped whole, with reason and remedy, and the others go on."""

import logging
import os
import signal
import subprocess
import sys

import pytest

from cngcore import InternalError, NotFoundError, Registry

REGISTERS = "from cngcore.provider import Algorithm, ExactLength, KeyFactory, hookimpl\n"
GOOD = (
    REGISTERS + '@hookimpl\ndef cngcore_register_algorithms():\n    return [Algorithm("TOY", "bad", {{"sign"}}, {})]\n'
)

FAULTS = {
    # what is wrong: (source, stage, in the reason, in the remedy)
    "ImportError": ("import no_such_module_of_acme", "import", "no_such_module_of_acme", "Install what it needs"),
    "SystemExit": ("raise SystemExit(3)", "import", "SystemExit", "remove acme-bad"),
    "exception": ("1 / 0", "import", "ZeroDivisionError", "report it"),
    "syntax error": ("def", "import", "SyntaxError", "report it"),
    "Rust panic": (
        "class PanicException(BaseException): pass\nraise PanicException('assertion failed in lib.rs')",
        "import",
        "PanicException: assertion failed in lib.rs",
        "report it",
    ),
    "no hook": ("x = 1", "register", "no hook", "hookimpl"),
    "hook not decorated": ("def cngcore_register_algorithms(): return []", "register", "not decorated", "hookimpl"),
    "misspelt hook": (
        REGISTERS + "@hookimpl\ndef cngcore_regster_algorithms(): return []",
        "register",
        "cngcore_regster_algorithms",
        "cngcore_register_algorithms",
    ),
    "hook with an unknown argument": (
        REGISTERS + "@hookimpl\ndef cngcore_register_algorithms(registry): return []",
        "register",
        "registry",
        "hookspecs",
    ),
    "wrong return": (
        REGISTERS + "@hookimpl\ndef cngcore_register_algorithms(): return 'TOY'",
        "declare",
        "returned str",
        "Algorithm",
    ),
    "None returned": (
        REGISTERS + "@hookimpl\ndef cngcore_register_algorithms(): pass",
        "declare",
        "returned NoneType",
        "Algorithm",
    ),
    "wrong item": (
        REGISTERS + "@hookimpl\ndef cngcore_register_algorithms(): return [42]",
        "declare",
        "item of type int",
        "Algorithm",
    ),
    "hook that raises": (
        REGISTERS + "@hookimpl\ndef cngcore_register_algorithms(): raise KeyError('x')",
        "declare",
        "KeyError",
        "acme-bad",
    ),
    "hook that exits": (
        REGISTERS + "@hookimpl\ndef cngcore_register_algorithms(): raise SystemExit",
        "declare",
        "SystemExit",
        "acme-bad",
    ),
    "contract of the future": (GOOD.format("ExactLength(8), contract=2"), "declare", "contract 2", "Update cngcore"),
    "registered twice": (
        REGISTERS
        + "@hookimpl\ndef cngcore_register_algorithms():\n"
        + '    return [Algorithm("TOY", "bad", {"sign"}), Algorithm("TOY", "bad", {"sign"})]\n',
        "declare",
        "twice",
        "name of its own",
    ),
    "broken promise": (
        REGISTERS + '@hookimpl\ndef cngcore_register_algorithms():\n    return [Algorithm("OTHER", "bad", {"sign"})]\n',
        "promise",
        "promise TOY",
        "entry points",
    ),
    "bad declaration": (GOOD.format("42"), "declare", "LengthRule", "acme-bad"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_faulty_plugin_is_set_aside_and_the_others_serve(install, caplog, what):
    source, stage, reason, remedy = FAULTS[what]
    install("acme-bad", source, "TOY")
    install.plain("acme-good")
    registry = Registry()
    with caplog.at_level(logging.WARNING, logger="cngcore"), registry.open_algorithm_provider("TOY") as provider:
        assert provider.provenance.distribution == "acme-good"
    (fault,) = registry.faults()
    assert (fault.distribution, fault.version, fault.stage) == ("acme-bad", "1.2.3", stage)
    assert reason in fault.reason
    assert remedy in fault.remedy
    assert "acme-bad" in caplog.text, "a provider must not vanish without a word"
    (record,) = [record for record in registry.providers() if record["distribution"] == "acme-bad"]
    assert record["state"] == "skipped"
    assert "acme-bad" in str(registry.explain("TOY"))


@pytest.mark.parametrize("what", FAULTS)
def test_the_error_of_the_algorithm_it_would_have_served_names_the_fault(install, what):
    source, _, reason, remedy = FAULTS[what]
    install("acme-bad", source, "TOY")
    with pytest.raises(NotFoundError) as caught:
        Registry().open_algorithm_provider("TOY")
    assert reason in str(caught.value)
    assert remedy in str(caught.value)


@pytest.mark.parametrize("what", FAULTS)
def test_strict_makes_a_fault_an_error_at_once(install, what):
    source = FAULTS[what][0]
    install("acme-bad", source, "TOY")
    install.plain("acme-good")
    with pytest.raises(InternalError, match="strict"):
        Registry(strict=True).open_algorithm_provider("TOY")


def test_a_faulty_plugin_is_tried_once(install):
    install("acme-bad", "import builtins\nbuiltins.acme_tries = getattr(builtins, 'acme_tries', 0) + 1\n1/0", "TOY")
    registry = Registry()
    for _ in range(3):
        with pytest.raises(NotFoundError):
            registry.open_algorithm_provider("TOY")
    import builtins

    assert builtins.acme_tries == 1
    del builtins.acme_tries


IN_THE_HOOK = REGISTERS + "@hookimpl\ndef cngcore_register_algorithms():\n    {}\n"
BY_A_HANDLER = "import os, signal; os.kill(os.getpid(), signal.SIGUSR1)"


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="POSIX")
@pytest.mark.parametrize("where", ["{}", IN_THE_HOOK], ids=["import", "hook"])
def test_the_exception_of_a_signal_handler_goes_through(install, where):
    """It is the user's, and no fault of the plug-in that was at work."""

    class Enough(Exception):  # noqa: N818
        pass

    def handler(number, frame):
        raise Enough

    install("acme-slow", where.format(BY_A_HANDLER), "TOY")
    registry = Registry()
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with pytest.raises(Enough):
            registry.open_algorithm_provider("TOY")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert registry.faults() == []


FACTORY = """
from cngcore.provider import Algorithm, ExactLength, KeyFactory, hookimpl

def interrupt(*arguments):
    raise KeyboardInterrupt

@hookimpl
def cngcore_register_algorithms():
    return [Algorithm("TOY", "bad", {"sign"}, ExactLength(8), factory=FACTORY, probe=PROBE)]
"""
HOOK = REGISTERS + "@hookimpl\ndef HOOK(*arguments): raise KeyboardInterrupt\n".replace("*arguments", "")
INTERRUPTS = {
    # where a plug-in raises KeyboardInterrupt: (source, group, in the note)
    "import": ("raise KeyboardInterrupt", "algorithms", "acme-bad 1.2.3 (acme_bad) was imported"),
    "import of a hook": ("raise KeyboardInterrupt", "hooks", "acme-bad 1.2.3 (acme_bad) was imported"),
    "register": ("def __dir__(): raise KeyboardInterrupt", "algorithms", "acme-bad 1.2.3 (acme_bad) was registered"),
    "declare": (
        HOOK.replace("HOOK", "cngcore_register_algorithms"), "algorithms",
        "cngcore_register_algorithms of acme-bad 1.2.3 (acme_bad) ran",
    ),
    "policies": (
        HOOK.replace("HOOK", "cngcore_policies"), "hooks", "cngcore_policies of acme-bad 1.2.3 (acme_bad) ran",
    ),
    "choose": (HOOK.replace("HOOK", "cngcore_choose"), "hooks", "a cngcore_choose hook ran"),
    "key event": (HOOK.replace("HOOK", "cngcore_key_event"), "hooks", "acme-bad:acme_bad was informed of a key event"),
    "probe": (
        FACTORY.replace("PROBE", "interrupt").replace("FACTORY", "KeyFactory"), "algorithms",
        "the probe of TOY (bad) of acme-bad 1.2.3 ran",
    ),
    "factory": (
        FACTORY.replace("PROBE", "None").replace("FACTORY", "interrupt"), "algorithms",
        "TOY (bad) of acme-bad 1.2.3 was loaded",
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", INTERRUPTS)
def test_keyboard_interrupt_goes_through_and_names_the_plug_in(install, where):
    """Nobody needs to press Ctrl-C: foreign code can raise it by itself, and nothing else would say who did."""
    source, group, said = INTERRUPTS[where]
    install("acme-bad", source, "TOY", group=f"cngcore.{group}")
    if group == "hooks":
        install.plain("acme-good")
        install.plain("acme-other", implementation="other")
    with pytest.raises(KeyboardInterrupt) as caught:
        Registry().generate_key_pair("TOY", 8)
    assert caught.value.__notes__ == [f"interrupted while {said}"]


def test_the_command_names_the_plug_in_that_interrupts(install, tmp_path):
    install("acme-bad", "raise KeyboardInterrupt", "TOY")
    done = subprocess.run(
        [sys.executable, "-m", "cngcore.cli", "providers"], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("cng providers: interrupted while acme-bad 1.2.3 (acme_bad) was imported; ")
    assert "CNGCORE_BLOCK" in done.stderr


def test_a_broken_provider_of_another_algorithm_is_never_touched(install):
    install("acme-bad", "raise SystemExit", "OTHER")
    install.plain("acme-good")
    registry = Registry()
    registry.open_algorithm_provider("TOY").close()
    assert registry.faults() == []


def test_a_factory_that_cannot_be_imported_is_an_internal_error_with_a_hint(install):
    source = GOOD.format('ExactLength(8), factory="acme_no_such_module:Factory"')
    install("acme-late", source, "TOY")
    key = Registry().open_algorithm_provider("TOY").generate_key_pair(8)
    with pytest.raises(InternalError, match=r"reinstall .* with its dependencies") as caught:
        key.finalize()
    assert "acme_no_such_module" in str(caught.value)
    assert key.state == "empty"


def test_a_fault_is_one_line_on_standard_error(install, tmp_path):
    install("acme-bad", "1/0", "TOY")
    code = (
        "import sys; from cngcore import Registry, NotFoundError\n"
        "try: Registry().open_algorithm_provider('TOY')\n"
        "except NotFoundError: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(tmp_path)}
    )
    assert done.stderr.startswith("acme-bad 1.2.3 (acme_bad) skipped at import: ZeroDivisionError")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["algorithms", "providers", "explain TOY", "doctor --no-selftest"])
def test_a_command_shows_a_fault_once(install, tmp_path, command):
    install("acme-bad", "1/0", "TOY")
    install.plain("acme-good")
    done = subprocess.run(
        [sys.executable, "-m", "cngcore.cli", *command.split()],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.count("ZeroDivisionError") == 1
    assert done.stderr == ""
