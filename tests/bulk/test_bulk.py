"""generate_many: every key once, whatever becomes of the workers."""

import itertools
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

import cngcore
from cngcore import formats
from cngcore.bulk import generate_many, sealing
from cngcore.bulk._batches import LARGEST_BATCH, TRIES
from cngcore.bulk._worker import make
from cngcore.policy import Policy, Rule


def indices(found):
    return sorted(made.index for made in found)


# --- what comes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("algorithm", "kind", "private", "public"),
    [
        ("ECDSA_P256", {"length": 256}, "ECCPRIVATEBLOB", "ECCPUBLICBLOB"),
        ("ECDH", {"curve": "curve25519"}, "ECCPRIVATEBLOB", "ECCPUBLICBLOB"),
        ("ML-KEM", {"parameter_set": "768"}, "MLKEMPRIVATESEEDBLOB", "MLKEMPUBLICBLOB"),
        ("ML-DSA", {"parameter_set": "44"}, "PQDSAPRIVATESEEDBLOB", "PQDSAPUBLICBLOB"),
        ("RSA", {"length": 512}, "RSAPRIVATEBLOB", "RSAPUBLICBLOB"),
        ("DH", {"length": 1024}, "DHPRIVATEBLOB", "DHPUBLICBLOB"),
    ],
)
def test_the_keys_are_keys(algorithm, kind, private, public):
    with ThreadPoolExecutor(2) as pool:
        found = list(generate_many(algorithm, 5, executor=pool, **kind))
    assert indices(found) == list(range(5))
    assert len({made.private for made in found}) == 5
    with cngcore.open_algorithm_provider(algorithm) as provider:
        if "curve" in kind:
            provider.set_property("ECCCurveName", kind["curve"])
        for made in found:
            assert made.error is None
            with provider.import_key_pair(private, made.private) as key:
                assert key.export(public) == made.public


def test_processes_by_default_where_the_back_end_holds_the_lock():
    found = list(generate_many("ECDSA_P256", 300, length=256))
    assert indices(found) == list(range(300))
    assert len({made.public for made in found}) == 300


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_index_comes_once(workers):
    found = list(generate_many("RSA", 7, length=512, workers=workers))
    assert indices(found) == list(range(7))


def test_indices_that_are_there_already_are_skipped():
    with ThreadPoolExecutor(2) as pool:
        found = list(generate_many("ECDSA_P256", 20, length=256, executor=pool, skip={0, 3, 4, 19}))
        assert indices(found) == sorted(set(range(20)) - {0, 3, 4, 19})
        assert list(generate_many("ECDSA_P256", 20, length=256, executor=pool, skip=range(20))) == []
        assert list(generate_many("ECDSA_P256", 0, length=256, executor=pool)) == []


def test_only_a_few_batches_are_under_way():
    """Whoever consumes slowly holds the workers back: memory does not grow with ``count``."""

    class Counting(ThreadPoolExecutor):
        given = 0

        def submit(self, *arguments, **keywords):
            self.given += len(arguments[2])
            return super().submit(*arguments, **keywords)

    with Counting(2) as pool:
        keys = generate_many("ECDSA_P256", 10**9, length=256, executor=pool, workers=2)
        taken = sum(1 for _ in itertools.islice(keys, 5000))
        assert pool.given - taken <= 5 * LARGEST_BATCH
        keys.close()


def test_closing_early_ends_the_workers():
    keys = generate_many("ECDSA_P256", 10**9, length=256)
    next(keys)
    pids = keys.gi_frame.f_locals["self"]._own.pids
    assert pids
    keys.close()
    assert not {child.pid for child in multiprocessing.active_children()} & set(pids)


def test_a_key_that_fails_comes_with_its_error(flaky):
    with ThreadPoolExecutor(1) as pool:
        found = list(generate_many("FLAKY", 9, length=8, registry=flaky, executor=pool))
    assert indices(found) == list(range(9))
    failed = [made for made in found if made.error]
    assert len(failed) == 3
    assert all(type(made.error) is cngcore.NotSupportedError and not made.private for made in failed)
    assert "failed" in repr(failed[0])


def test_no_secret_in_the_repr():
    with ThreadPoolExecutor(1) as pool:
        (made,) = generate_many("ECDSA_P256", 1, length=256, executor=pool)
    assert made.private.hex()[-16:] not in repr(made)
    assert str(made.private) not in repr(made)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"count": -1}, cngcore.InvalidParameterError),
        ({"count": "7"}, cngcore.InvalidParameterError),
        ({"workers": 0}, cngcore.InvalidParameterError),
        ({"length": 255}, cngcore.InvalidParameterError),
        ({"algorithm": "NOWHERE"}, cngcore.NotFoundError),
        ({"algorithm": "SHA256", "length": 0}, cngcore.NotSupportedError),
        ({"blob_type": "RSAPRIVATEBLOB"}, cngcore.InvalidParameterError),
        ({"public_type": "ECCPRIVATEBLOB"}, cngcore.InvalidParameterError),
        ({"parameter_set": "768"}, cngcore.NotSupportedError),
        ({"curve": "nistP256"}, cngcore.NotSupportedError),
        ({"implementation": "nobody"}, cngcore.NotFoundError),
        ({"wrap_to": b"no key"}, cngcore.CngError),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_made(arguments, error):
    with pytest.raises(error):
        generate_many(**{"algorithm": "ECDSA_P256", "count": 5, "length": 256, **arguments})


def test_a_provider_that_is_no_package_does_not_travel(flaky):
    with pytest.raises(cngcore.InvalidParameterError, match="package it"):
        generate_many("FLAKY", 9, length=8, registry=flaky)


def test_settings_hold_in_every_worker():
    strict = cngcore.Registry(policies=[Policy("house", [Rule("forbid", "ECDSA_P256", uses=["export"])])])
    found = list(generate_many("ECDSA_P256", 3, length=256, registry=strict))
    assert {type(made.error) for made in found} == {cngcore.AccessDeniedError}


# --- workers that die ------------------------------------------------------------------------------------

KILLER = """
import os, sys
from cngcore import bulk
from cngcore.bulk import _batches

real = _batches.make

def make(order, indices, registry=None):
    if {when}:
        os._exit(9)
    return real(order, indices, registry)

_batches.make = make
if __name__ == "__main__":
    found = sorted((made.index, made.error is None) for made in bulk.generate_many(
        "ECDSA_P256", {count}, length=256, workers=2))
    print([index for index, _ in found] == list(range({count})), [index for index, good in found if not good])
"""


def run_script(tmp_path, source):
    script = tmp_path / "script.py"
    script.write_text(source)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_worker_that_dies_once_costs_nothing(tmp_path):
    flag = tmp_path / "died"
    when = f"50 in indices and not os.path.exists({str(flag)!r}) and open({str(flag)!r}, 'w')"
    assert run_script(tmp_path, KILLER.format(when=when, count=200)) == "True []"


def test_a_key_that_kills_its_worker_is_found_and_the_others_come(tmp_path):
    assert run_script(tmp_path, KILLER.format(when="37 in indices", count=120)) == "True [37]"


def test_workers_that_cannot_live_are_given_up(tmp_path):
    assert run_script(tmp_path, KILLER.format(when="True", count=40)) == f"True {list(range(40))}"


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_a_worker_killed_from_outside():
    keys = generate_many("ECDSA_P256", 4000, length=256, workers=2)
    found = [next(keys)]
    victim = keys.gi_frame.f_locals["self"]._own.pids[0]
    os.kill(victim, signal.SIGKILL)
    found += keys
    assert indices(found) == list(range(4000))
    assert not [made for made in found if made.error]
    assert len({made.private for made in found}) == 4000


class Losing(Executor):
    """An executor of somebody else's that loses what it is told to lose."""

    def __init__(self, lose, error):
        self.lose, self.error, self.given = lose, error, []

    def submit(self, function, *arguments):
        future = Future()
        self.given.append(list(arguments[1]))
        if self.lose(self.given):
            future.set_exception(self.error)
        else:
            future.set_result(function(*arguments))
        return future


def test_what_an_executor_loses_is_given_out_again():
    executor = Losing(lambda given: len(given) in (2, 3), ConnectionError("the network"))
    found = list(generate_many("ECDSA_P256", 30, length=256, executor=executor))
    assert indices(found) == list(range(30))
    assert not [made for made in found if made.error]


def test_what_is_lost_again_and_again_has_failed():
    executor = Losing(lambda given: 4 in given[-1], ConnectionError("the network"))
    found = list(generate_many("ECDSA_P256", 10, length=256, executor=executor))
    assert indices(found) == list(range(10))
    failed = [made for made in found if made.error]
    assert 4 in indices(failed)
    assert all("ConnectionError" in str(made.error) for made in failed)
    assert sum(4 in batch for batch in executor.given) == TRIES


def test_a_broken_executor_of_somebody_elses_loses_nothing():
    executor = Losing(lambda given: len(given) > 1, BrokenProcessPool("gone"))
    found = list(generate_many("ECDSA_P256", 50, length=256, executor=executor))
    assert indices(found) == list(range(50))
    assert 0 < len([made for made in found if made.error]) < 50


def test_a_shut_down_executor():
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    found = list(generate_many("ECDSA_P256", 3, length=256, executor=pool))
    assert indices(found) == [0, 1, 2]
    assert all(made.error for made in found)


def test_an_order_travels():
    captured = Losing(lambda given: False, None)
    list(generate_many("ECDSA_P256", 1, length=256, executor=captured))

    class Pickling(Executor):
        def submit(self, function, *arguments):
            function, arguments = pickle.loads(pickle.dumps((function, arguments)))
            future = Future()
            future.set_result(pickle.loads(pickle.dumps(function(*arguments))))
            return future

    assert indices(generate_many("ECDSA_P256", 5, length=256, executor=Pickling())) == list(range(5))
    assert make.__module__ == "cngcore.bulk._worker"


def test_somebody_elses_process_pool_is_used_and_left_open():
    with ProcessPoolExecutor(1) as pool:
        assert indices(generate_many("ECDSA_P256", 20, length=256, executor=pool)) == list(range(20))
        assert pool.submit(sum, [1, 2]).result() == 3


def test_threads_of_several_callers():
    results = {}
    with ThreadPoolExecutor(2) as pool:

        def call(name):
            results[name] = list(generate_many("ECDSA_P256", 50, length=256, executor=pool))

        threads = [threading.Thread(target=call, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert [indices(found) for found in results.values()] == [list(range(50))] * 4
    assert len({made.private for found in results.values() for made in found}) == 200


# --- sealed ---------------------------------------------------------------------------------------------

RECIPIENTS = [
    ("ML-KEM", {"parameter_set": "768"}),
    ("ML-KEM", {"parameter_set": "1024"}),
    ("ECDH_P256", {"length": 256}),
    ("ECDH_P384", {"length": 384}),
    ("ECDH_P521", {"length": 521}),
    ("ECDH", {"curve": "curve25519"}),
    ("RSA", {"length": 2048}),
]


@pytest.mark.parametrize(("algorithm", "kind"), RECIPIENTS, ids=str)
def test_sealed_blobs_are_for_the_recipient_only(algorithm, kind):
    recipient, stranger = (cngcore.generate_key_pair(algorithm, **kind) for _ in range(2))
    with ThreadPoolExecutor(1) as pool:
        found = list(generate_many("ECDSA_P256", 3, length=256, wrap_to=recipient.public(), executor=pool))
    with cngcore.open_algorithm_provider("ECDSA_P256") as provider:
        for made in found:
            assert made.sealed
            blob = sealing.unseal(made.private, recipient)
            assert provider.import_key_pair("ECCPRIVATEBLOB", blob).export("ECCPUBLICBLOB") == made.public
            assert bytes(blob[-32:]) not in made.private
            with pytest.raises(cngcore.BadDataError):
                sealing.unseal(made.private, stranger)
            changed = made.private[:-7] + bytes(7)
            with pytest.raises(cngcore.BadDataError):
                sealing.unseal(changed, recipient)


def test_a_private_blob_leaves_the_worker_sealed(monkeypatch):
    """What travels back from a worker is looked at, not what the caller is given."""
    recipient = cngcore.generate_key_pair("ML-KEM", parameter_set="768")
    answers = []

    class Listening(Executor):
        def submit(self, function, *arguments):
            future = Future()
            answers.append(function(*arguments))
            future.set_result(answers[-1])
            return future

    list(generate_many("ECDSA_P256", 2, length=256, wrap_to=recipient, executor=Listening()))
    rows = [row for answer in answers for row in answer.rows]
    assert len(rows) == 2
    for row in rows:
        secret = sealing.unseal(row[1], recipient)[-32:]
        assert bytes(secret) not in pickle.dumps(row)


@pytest.mark.parametrize("form", ["key", "blob", "pem", "der"])
def test_a_recipient_in_any_form(form):
    pair = cngcore.generate_key_pair("ML-KEM", parameter_set="768")
    key = formats.from_key(pair, private=False)
    given = {
        "key": lambda: key,
        "blob": lambda: pair.export("MLKEMPUBLICBLOB"),
        "pem": lambda: bytes(formats.encode(key, "spki", encoding="pem")),
        "der": lambda: bytes(formats.encode(key, "spki", encoding="der")),
    }[form]()
    assert sealing.recipient_form(given) == sealing.recipient_form(pair)


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("ML-KEM", {"parameter_set": "512"}), ("ML-DSA", {"parameter_set": "44"}),
                            ("DH", {"length": 1024}), ("ECDH", {"curve": "secP256k1"}), ("RSA", {"length": 1024})],
)  # fmt: skip
def test_who_cannot_be_a_recipient(algorithm, kind):
    with pytest.raises(cngcore.NotSupportedError, match="nothing can be sealed to"):
        sealing.recipient_form(cngcore.generate_key_pair(algorithm, **kind))


def test_a_recipient_with_whom_no_secret_can_be_shared():
    """A point of small order: the library refuses it with an error of its own."""
    with cngcore.open_algorithm_provider("ECDH") as ecdh:
        ecdh.set_property("ECCCurveName", "curve25519")
        peer = ecdh.import_key_pair("ECCPUBLICBLOB", b"ECKP" + (32).to_bytes(4, "little") + bytes(64))
    with pytest.raises(cngcore.InvalidParameterError, match="recipient"):
        sealing.seal(b"x", formats.from_key(peer))


@pytest.mark.parametrize("recipient", [("ML-KEM", {"parameter_set": "768"}), ("RSA", {"length": 2048})], ids=str)
def test_an_error_takes_neither_the_blob_nor_the_key_along(recipient):
    """What fails leaves no local variables in its traceback: they would hold the blob, or the private key."""
    algorithm, kind = recipient
    key = cngcore.generate_key_pair(algorithm, **kind)
    blob, public = b"SECRET" * 40, formats.from_key(cngcore.generate_key_pair("DH", 1024), private=False)
    calls = [lambda: sealing.seal(blob, public), lambda: sealing.unseal(b"SEALED" * 40, key)]
    for call, secret in zip(calls, (b"SECRET", b"SEALED"), strict=True):
        with pytest.raises(cngcore.CngError) as caught:
            call()
        left, seen = [caught.value], []
        while left:
            error = left.pop()
            seen.append(error)
            for frame, _ in traceback.walk_tb(error.__traceback__):
                if "sealing" in frame.f_code.co_filename:
                    assert secret not in repr(frame.f_locals).encode()
                    assert not any(isinstance(value, formats.Key) for value in frame.f_locals.values())
            left += [one for one in (error.__cause__, error.__context__) if one is not None and one not in seen]


def test_policies_are_about_keys_of_a_registry():
    """A key pair is read from its registry, whose policies apply; a formats.Key is of no registry (unseal's docs)."""
    key = cngcore.generate_key_pair("RSA", 2048)
    loose = formats.from_key(key)
    sealed = sealing.seal(b"x", formats.from_key(key, private=False))
    blob = key.export("RSAFULLPRIVATEBLOB")
    strict = cngcore.Registry(policies=[Policy("house", [Rule("forbid", "RSA", uses=["decrypt", "export"])])])
    with cngcore.registry.using(strict):
        assert sealing.unseal(sealed, loose) == b"x"
        watched = strict.open_algorithm_provider("RSA").import_key_pair("RSAFULLPRIVATEBLOB", blob)
        with pytest.raises(cngcore.AccessDeniedError):
            sealing.unseal(sealed, watched)


def test_a_public_half_unseals_nothing():
    key = cngcore.generate_key_pair("ML-KEM", parameter_set="768")
    sealed = sealing.seal(b"x", formats.from_key(key, private=False))
    with pytest.raises(cngcore.InvalidParameterError, match="public half"):
        sealing.unseal(sealed, key.public())
