"""Make cngcore/windll/compare/corpus.txt: run tests/contract, note the calls, and write them as C makes them.

Run it after a change of the contract or its tests::

    python tests/windll/corpus_maker.py

A case is one test. Its calls are those whose arguments C can express. Cases whose statuses are not the same when they
are played again through C function pointers are dropped: they depend on the plug-ins or the time of the test.
``by_hand.txt`` has the cases that only C can make; they come first.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from cngcore import bcrypt  # noqa: E402 - found by the line above
from cngcore.windll import FUNCTIONS, Kind  # noqa: E402
from cngcore.windll._dll import address_of  # noqa: E402
from cngcore.windll._table import WRITTEN  # noqa: E402
from cngcore.windll.compare import _corpus as corpora  # noqa: E402
from cngcore.windll.compare._player import play  # noqa: E402

TARGET = ROOT / "cngcore" / "windll" / "compare" / "corpus.txt"
BY_HAND = Path(__file__).with_name("by_hand.txt")
PAGES = ROOT / "docs" / "reference" / "contract"
ANCHORS = {
    name for page in PAGES.glob("*.md")
    for name in re.findall(r"^\((rule-[a-z0-9-]+)\)=$", page.read_text(encoding="utf-8"), re.MULTILINE)
}  # fmt: skip
CITATION = re.compile(r"\bcontract: (rule-[a-z0-9-]+(?:,\s+(?:#:? )?rule-[a-z0-9-]+)*)")

MOST_CALLS = 60
LONGEST = 0.4
"""Seconds that a case may take."""
SHARED = 40
"""Bytes from which an input gets a name if two calls have it."""
SAME_REFUSALS = 3
"""How many calls of one function with one failing status and the same strings a case keeps."""
ADDRESSES = {'"HashOIDList"', '"ECCCurveNameList"'}
"""Properties whose value has addresses in it, so that it is not compared."""

REMOVALS = 5
"""How many calls a case may lose because C expresses something else with them."""

FURTHER = {
    "a_pseudo_handle_cannot_be_closed": "rule-pseudo-close",
    "an_unserved_pseudo_handle_is_not_supported": "rule-pseudo-unserved",
    "after_creation_set_property_sets_its_properties": "rule-set-key-length rule-generate-steps",
    "the_handle_is_of_open_algorithm_provider": "rule-generate rule-generate-steps",
    "the_handle_may_be_a_pseudo_handle": "rule-pseudo-values",
    "the_key_handle_is_used_in_subsequent_functions": "rule-generate-steps",
    "the_key_handle_is_released_by_destroy_key": "rule-destroy-key",
    "the_exact_length_of_a_fixed_curve_is_accepted": "rule-generate-length",
    "every_legal_rsa_length_is_accepted": "rule-generate-length",
    "every_other_rsa_length_is_refused": "rule-generate-length rule-generate-length-zero",
    "every_other_length_of_a_fixed_curve_is_refused": "rule-generate-length",
    "flags_can_be_zero_and_nothing_else_here": "rule-generate-flags",
    "status_invalid_handle": "rule-handle-null",
    "status_not_supported_of_an_opened_algorithm": "rule-generate-no-key-pairs",
    "status_not_supported_of_a_pseudo_handle": "rule-generate-no-key-pairs",
    "what_has_no_key_pairs_says_so": "rule-generate-no-key-pairs",
    "key_length_belongs_to_a_key": "rule-set-property-wrong-object",
    "properties_of_a_key_are_not_those_of_its_algorithm": "rule-set-property-wrong-object",
    "generic_curves_have_no_key_lengths": "rule-get-key-lengths",
    "what_only_a_finalized_key_tells": "rule-life-unfinalized rule-life-cycle",
    "the_only_flag_is_no_key_validation": "rule-import-flags",
    "the_modulus_check": "rule-import-ml-expanded",
    "the_hash_check": "rule-import-ml-expanded",
    "the_private_key_holds_the_public_one": "rule-layout-pq",
    "the_private_key_holds_the_hash_of_the_public_one": "rule-layout-pq",
    "a_private_key_that_is_not_consistent_is_refused": "rule-import-ml-expanded",
    "blobs_of_another_kind_are_refused": "rule-import-ml-seed-type rule-import-magic",
    "properties_of_both_halves": "rule-get-parameter-set",
    "null_arguments_of_sign_and_verify": "rule-sign-mldsa-refusals",
    "pre_hashes_that_are_none": "rule-sign-mldsa-refusals rule-sign-mldsa-prehash",
    "external_mu_is_the_message_hashed_as_the_standard_says": "rule-sign-mldsa-mu",
    "wrong_arguments_of_the_two_functions": "rule-encapsulate rule-encapsulate-one-null",
    "the_key_windows_made": "rule-layout-dsa-v1 rule-layout-dsa-v2",
    "the_seed_of_a_second_version_blob_gives_q_p_and_g": "rule-layout-dsa-v2 rule-import-dsa-seed",
    "a_seed_that_does_not_give_the_primes": "rule-import-dsa-seed",
    "a_destroyed_hash_lets_go_of_its_key": "rule-destroy-hash-status",
    "a_duplicate_goes_its_own_way": "rule-hash",
    "hashing_with_what_is_no_hash": "rule-hash",
    "no_handle_and_no_flag": "rule-random",
    "an_opened_generator": "rule-random",
    "no_buffer": "rule-random",
    "a_symmetric_key_is_no_key_pair": "rule-symmetric rule-handle-kinds",
    "flags_of_encryption": "rule-flags-unknown rule-symmetric-encrypt",
    "unknown_hashes_of_derivations": "rule-kdf-parameters",
    "a_reused_gmac_wants_another_nonce": "rule-mac-gmac",
    "a_duplicate_copies_the_register_and_is_independent": "rule-symmetric-duplicate",
    "decryption_of_nothing_with_padding": "rule-symmetric-decrypt",
    "capi_of_an_hmac_and_of_old_hashes": "rule-derive-capi",
    "capi_expands_a_key_of_aes": "rule-kdf-pbkdf2-capi",
    "an_opaque_blob_is_for_its_algorithm_and_takes_the_mode_of_the_import": "rule-symmetric-blobs",
    "later_calls_of_a_chain_keep_the_first_nonce_and_the_last_length_of_the_tag": "rule-authenticated-chained",
    "the_last_piece_of_a_chain_with_a_wrong_tag_is_not_written": "rule-authenticated-chained",
    "macs_take_no_secret_but_theirs": "rule-mac-cmac",
    "aes_answers_as_windows": "rule-cipher-aes",
    "key_data_blob_c16": "rule-layout-symmetric",
    "bad_key_data_blobs": "rule-layout-symmetric",
    "modes_of_other_ciphers_a7": "rule-cipher-3des",
    "block_lengths_a8": "rule-cipher-3des rule-get-block-length",
    "pss_signatures": "rule-verify-pss",
    "the_longest_salt": "rule-verify-pss",
    "pkcs1_signatures": "rule-verify-private-key",
    "private_blobs_round_trip": "rule-duplicate-portable rule-layout",
    "ecdh_vector_x25519": "rule-derive-x25519 rule-import-x25519-clamp",
    "x25519_blobs": "rule-import-x25519-clamp",
    "dh_parameters": "rule-dh-groups",
    "what_is_no_dh_parameters": "rule-dh-groups",
    "blobs_that_are_refused": "rule-import-dsa-p rule-import-dsa-q",
    "sizes_off_the_grid": "rule-import-rsa-trial",
    "another_parameter_set": "rule-set-parameter-set",
    "the_parameter_set_is_a_property_of_the_key": "rule-set-parameter-set",
    "signatures": "rule-sign-dsa-hash",
    "blobs_round_trip": "rule-cases-dsa",
    "callers_truncate_and_pad_themselves": "rule-cases-dsa",
    "sizes_that_do_not_fit": "rule-status-hresult",
    "status_success": "rule-status-success",
    "no_key_pairs": "rule-generate-no-key-pairs",
}
"""Rules of tests that cite a decision or the page of BCryptGenerateKeyPair instead."""

MICROSOFT = "Microsoft Primitive Provider"


class Inexpressible(Exception):  # noqa: N818 - a reason, not an error
    """An argument that C cannot pass."""


# --- arguments as words ---------------------------------------------------------------------------------------------


def number(value: Any, bits: int = 32) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << bits:
        raise Inexpressible
    return str(int(value)) if value < 256 else hex(value)


def text(value: Any) -> str:
    if value is None:
        return "-"
    if not isinstance(value, str) or "\0" in value:
        raise Inexpressible
    shown = "".join(one if re.match(r"[A-Za-z0-9_./-]", one) else f"\\u{ord(one):04x}" for one in value)
    if any(ord(one) > 0xFFFF for one in value) or len(value) > 200:
        raise Inexpressible
    return f'"{shown}"'


def content(value: Any) -> bytes:
    try:
        view = memoryview(value)
    except TypeError:
        raise Inexpressible from None
    if view.nbytes > 20000 or not view.contiguous:
        raise Inexpressible
    return view.tobytes()


def hexadecimal(data: bytes) -> str:
    if len(data) > 4 and len(set(data)) == 1:
        return f"x{data[:1].hex()}*{len(data)}"
    return "x" + data.hex()


class Case:
    """The calls of one test so far, with names for handles and outputs."""

    def __init__(self, title: str, anchors: tuple[str, ...]) -> None:
        self.title, self.anchors = title, anchors
        self.calls: list[corpora.Call] = []
        self.statuses: list[int | None] = []
        self.handles: dict[int, str] = {}
        self.outputs: list[tuple[str, bytes]] = []
        self.literals: set[bytes] = set()
        self.auths: dict[int, tuple[str, dict[str, Any]]] = {}
        self.kept_alive: list[Any] = []
        self.closed = False
        self.seen: Counter[tuple[Any, ...]] = Counter()

    def bytes_word(self, data: bytes) -> str:
        if len(set(data)) >= 4 and data not in self.literals:
            for name, made in reversed(self.outputs):
                if data == made and len(data) >= 8:
                    return name
                if len(data) < 16 or len(made) < 16:
                    continue
                if len(data) == len(made):
                    wrong = [index for index in range(len(data)) if data[index] != made[index]]
                    if wrong[-1] - wrong[0] < 8:
                        mask = bytes(data[index] ^ made[index] for index in range(wrong[0], wrong[-1] + 1))
                        return f"{name}^{wrong[0]}:{mask.hex()}"
                if made.startswith(data):
                    return f"{name}/{len(data)}"
                if data.startswith(made) and len(data) - len(made) <= 64:
                    return f"{name}+{data[len(made) :].hex()}"
        self.literals.add(data)
        return hexadecimal(data)

    def pair(self, value: Any) -> str:
        return "~" if value is None else self.bytes_word(content(value))

    def handle(self, value: Any) -> str:
        if value is None or (isinstance(value, int) and value == 0):
            return "0"
        if not isinstance(value, int):
            raise Inexpressible
        if value in self.handles:
            return self.handles[value]
        if 0 < value < 0x1000 and value % 16 == 1:  # a pseudo-handle
            return hex(value)
        raise Inexpressible

    def new_output(self) -> str:
        return f"o{len(self.outputs) + 1}"

    def padding(self, value: Any) -> tuple[str, list[tuple[str, Any]]]:
        if value is None:
            return "-", []
        if isinstance(value, bcrypt.BCRYPT_PKCS1_PADDING_INFO):
            return f"pkcs1({text(value.pszAlgId)})", []
        if isinstance(value, bcrypt.BCRYPT_PSS_PADDING_INFO):
            return f"pss({text(value.pszAlgId)},{number(value.cbSalt)})", []
        if isinstance(value, bcrypt.BCRYPT_OAEP_PADDING_INFO):
            return f"oaep({text(value.pszAlgId)},{self.pair(value.pbLabel or None)})", []
        if isinstance(value, bcrypt.BCRYPT_PQDSA_PADDING_INFO):
            return f"pqdsa({self.pair(value.pbCtx or None)},{text(value.pszPrehashAlgId)})", []
        if type(value) is bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO:
            return self.authenticated(value)
        raise Inexpressible

    def authenticated(self, value: Any) -> tuple[str, list[tuple[str, Any]]]:
        name, before = self.auths.get(id(value), (f"auth{len(self.auths) + 1}", {}))
        now = {
            "nonce": self.pair(value.pbNonce), "aad": self.pair(value.pbAuthData),
            "mac": 0 if value.pbMacContext is None else len(content(value.pbMacContext)),
            "cbaad": number(value.cbAAD), "cbdata": number(value.cbData, 64), "flags": number(value.dwFlags),
        }  # fmt: skip
        tag = None if value.pbTag is None else content(value.pbTag)
        defaults = {"nonce": "~", "aad": "~", "mac": 0, "cbaad": "0", "cbdata": "0", "flags": "0", "tag": None}
        parts = [f"{field}={word}" for field, word in now.items() if word != (before or defaults)[field]]
        suffix = ""
        outputs: list[tuple[str, Any]] = []
        if tag is not None:
            if tag != before.get("tag"):
                parts.insert(0, f"tag={self.bytes_word(tag)}")
            suffix = f":{self.new_output()}"
            outputs.append((self.new_output(), value.pbTag))
        self.auths[id(value)] = name, {**now, "tag": tag}
        self.kept_alive.append(value)
        return f"{name}{suffix}({','.join(parts)})", outputs

    def after(self, value: Any) -> None:
        """Note what a call wrote into a structure of an authenticated mode."""
        if id(value) in self.auths:
            _, before = self.auths[id(value)]
            before |= {
                "cbaad": number(value.cbAAD), "cbdata": number(value.cbData, 64), "flags": number(value.dwFlags),
                "tag": None if value.pbTag is None else content(value.pbTag),
            }  # fmt: skip

    def buffers(self, value: Any) -> str:
        if value is None:
            return "-"
        parts = []
        for one in value:
            if isinstance(one.pvBuffer, str):
                word = text(one.pvBuffer)
            elif isinstance(one.pvBuffer, int):
                size = 8 if one.BufferType == bcrypt.KDF_ITERATION_COUNT else 4
                word = "x" + one.pvBuffer.to_bytes(size, "little").hex()
            else:
                word = self.pair(one.pvBuffer)
            parts.append(f"{number(one.BufferType)}={word}")
        return f"[{','.join(parts)}]"


# --- calls ----------------------------------------------------------------------------------------------------------


class Maker:
    """The pytest plug-in: one case for each test."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.case: Case | None = None
        self.without_anchor: list[str] = []
        self.thread = threading.get_ident()
        for name in FUNCTIONS:
            if hasattr(bcrypt, name):
                setattr(bcrypt, name, self.noted(name, getattr(bcrypt, name)))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        anchors = anchors_of(item)
        if not anchors:
            self.without_anchor.append(item.nodeid.partition("[")[0])
        self.case = Case(title_of(item), anchors) if anchors else None
        yield
        if self.case is not None and self.case.calls:
            self.cases.append(self.case)
        self.case = None

    def noted(self, name: str, original: Any) -> Any:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def call(*arguments: Any, **named: Any) -> Any:
            case = self.case
            if case is None or case.closed or threading.get_ident() != self.thread:
                return original(*arguments, **named)
            try:
                bound = signature.bind(*arguments, **named)
                bound.apply_defaults()
                words, outputs = written(case, name, bound.arguments)
            except Exception:  # an object that C has no argument for
                answer = original(*arguments, **named)
                status = answer[0] if isinstance(answer, tuple) else answer
                if status == 0 and not any(one.kind is Kind.NEW_HANDLE for one in FUNCTIONS[name].parameters):
                    case.closed = True  # what it did cannot be done again
                return answer
            answer = original(*arguments, **named)
            self.answered(case, name, bound.arguments, words, outputs, answer)
            return answer

        return call

    def answered(
        self, case: Case, name: str, given: dict[str, Any], words: list[str], outputs: Any, answer: Any
    ) -> None:
        status = int(answer[0] if isinstance(answer, tuple) else answer)
        strings = tuple(word for word in words if word.startswith(('"', "&", "h")) and not word.startswith("&"))
        if status:
            case.seen[key := (name, status, strings)] += 1
            if case.seen[key] > SAME_REFUSALS:
                return
        if len(case.calls) >= MOST_CALLS:
            case.closed = True
            return
        new = [one for one in FUNCTIONS[name].parameters if one.kind is Kind.NEW_HANDLE]
        if new:
            handle = f"h{len(case.handles) + 1}"
            words = [f"&{handle}" if word == "&" else word for word in words]
            if status == 0:
                case.handles[answer[1]] = handle
            else:
                case.handles[-len(case.handles) - 1] = handle
        if (
            name == "BCryptOpenAlgorithmProvider"
            and status == 0
            and given["pszImplementation"] not in (None, MICROSOFT)
        ):
            words[2] = "-"
        case.calls.append(corpora.Call(name, tuple(words)))
        case.statuses.append(status)
        sizes = [value for value in (answer[1:] if isinstance(answer, tuple) else ()) if isinstance(value, int)]
        for index, (output, buffer) in enumerate(outputs):
            made = content(buffer)
            if len(outputs) == len(sizes) and not new:
                made = made[: sizes[index]]
            case.outputs.append((output, made if status == 0 else b""))
        for value in given.values():
            case.after(value)


def written(case: Case, name: str, given: dict[str, Any]) -> tuple[list[str], list[tuple[str, Any]]]:
    """Return the words of a call, and the buffers that it fills with their names."""
    words: list[str] = []
    outputs: list[tuple[str, Any]] = []
    rows = FUNCTIONS[name].parameters
    if name in ("BCryptEnumAlgorithms", "BCryptEnumProviders", "BCryptEnumRegisteredProviders"):
        raise Inexpressible  # they are in by_hand.txt
    for one in rows:
        kind = one.kind
        value = given.get(one.name)
        if kind is Kind.COUNT:
            continue
        if kind is Kind.NEW_HANDLE:
            words.append("&")
        elif kind in (Kind.HANDLE, Kind.OPTIONAL_HANDLE):
            words.append(case.handle(value))
        elif kind is Kind.TEXT:
            words.append(text(value))
        elif kind is Kind.DWORD:
            words.append(number(value))
        elif kind is Kind.QWORD:
            words.append(number(value, 64))
        elif kind in (Kind.INPUT, Kind.OPTIONAL_INPUT):
            words.append(case.pair(value))
        elif kind is Kind.OBJECT:
            words.append("~")
        elif kind in WRITTEN:
            words.append("%" if kind is Kind.BOOLEAN else "@")
        elif kind in (Kind.SIGNATURE_PADDING, Kind.CIPHER_PADDING):
            word, more = case.padding(value)
            words.append(word)
            outputs += more
        elif kind is Kind.BUFFERS:
            words.append(case.buffers(value))
        elif kind is Kind.OPERATIONS:
            word, more = operations(case, value)
            words.append(word)
            outputs += more
        elif value is None:
            words.append("~")
        else:
            output = f"o{len(case.outputs) + len(outputs) + 1}"
            same = any(value is other for key, other in given.items() if key == "pbInput")
            size = len(content(value))
            if memoryview(value).readonly:
                raise Inexpressible
            if kind is Kind.IN_OUT:
                words.append(f"<{case.bytes_word(content(value))}:{output}")
            else:
                words.append(f"{'^' if same else '>'}{size}:{output}")
            outputs.append((output, value))
    return words, outputs


def operations(case: Case, value: Any) -> tuple[str, list[tuple[str, Any]]]:
    if value is None:
        return "~", []
    parts = []
    outputs: list[tuple[str, Any]] = []
    for one in value:
        data = content(one.pbBuffer)
        if one.hashOperation == 2:
            output = f"o{len(case.outputs) + len(outputs) + 1}"
            outputs.append((output, one.pbBuffer))
            word = f">{len(data)}:{output}"
        else:
            word = case.bytes_word(data)
        parts.append(f"{number(one.iHash)}:{number(one.hashOperation)}:{word}")
    return f"{{{','.join(parts)}}}", outputs


# --- tests ----------------------------------------------------------------------------------------------------------


def anchors_of(item: Any) -> tuple[str, ...]:
    """Return the rules that a test cites, else those of its module."""
    function = getattr(item, "function", None)
    if function is None:
        return ()
    further = FURTHER.get(function.__name__.removeprefix("test_"), "").split()
    for source in (inspect.getsource(function), inspect.getdoc(item.module) or ""):
        cited = CITATION.findall(source)
        found = [rule for text in cited for rule in re.findall(r"rule-[a-z0-9-]+", text) if rule in ANCHORS]
        if found:
            break
    return tuple(dict.fromkeys([*rows_of(item), *further, *found]))


def rules_of_cases() -> dict[str, tuple[str, ...]]:
    """Return the rules of each row of the page of cases, by its number: ``h5``, ``s-c18``."""
    found: dict[str, tuple[str, ...]] = {}
    section = ""
    for line in PAGES.joinpath("cases").with_suffix(".md").read_text(encoding="utf-8").splitlines():
        if line.startswith("(rule-"):
            section = line[1:-2]
        numbers = re.match(r"\| ((?:S-)?[A-Z]\d+)(?: to S-C(\d+))? \|", line)
        if numbers:
            rules = tuple(re.findall(r"#(rule-[a-z0-9-]+)\)", line))
            first = numbers[1].lower()
            last = int(numbers[2] or first.rpartition(first.rstrip("0123456789"))[2])
            stem = first.rstrip("0123456789")
            for number in range(int(first.removeprefix(stem)), last + 1):
                found[f"{stem}{number}"] = (section, *rules)
    return found


ROWS = rules_of_cases()


def rows_of(item: Any) -> tuple[str, ...]:
    """Return the rules of the rows of the page of cases that the name of a test has."""
    name = item.function.__name__
    stem = "s-" if "symmetric" in item.module.__name__ else ""
    numbers = re.findall(r"(?:^test_|_)([a-l]\d+)(?=_|$)", name)
    span = re.search(r"_c(\d+)_to_c(\d+)", name)
    if span:
        numbers = [f"c{number}" for number in range(int(span[1]), int(span[2]) + 1)]
    return tuple(
        dict.fromkeys(rule for number in numbers for rule in ROWS.get(f"{stem}{number}", ()) if rule in ANCHORS)
    )


def title_of(item: Any) -> str:
    module = item.module.__name__.rpartition(".")[2].removeprefix("test_")
    return f"{module}.{item.function.__name__.removeprefix('test_')}".replace("_", "-")


# --- choosing -------------------------------------------------------------------------------------------------------


def distinct(cases: list[Case]) -> list[Case]:
    """Return one case for each test, pattern of calls and statuses, and strings; the title gets a number."""
    kept: list[Case] = []
    seen: set[tuple[Any, ...]] = set()
    titles: Counter[str] = Counter()
    for case in cases:
        pattern = tuple((call.function, status) for call, status in zip(case.calls, case.statuses, strict=True))
        strings = tuple(sorted({word for call in case.calls for word in call.words if word[0] == '"'}))
        text = tuple(map(str, case.calls))
        if (case.title, pattern, strings) in seen or text in seen:
            continue
        seen |= {(case.title, pattern, strings), text}
        titles[case.title] += 1
        case.title = f"{case.title}.{titles[case.title]}"
        kept.append(case)
    return kept


def in_process(name: str) -> int | None:
    return address_of(name) if name in FUNCTIONS else None


def checked(case: Case) -> tuple[corpora.Case | None, str]:
    """Return the case without the calls that answer otherwise when C makes them; None and why, if it is left out."""
    for _ in range(REMOVALS + 1):
        found, why, index = examined(case)
        if index is None or case.title.startswith("windows."):
            return found, why
        print(case.title, why, case.calls[index], file=sys.stderr)
        del case.calls[index], case.statuses[index]
    return None, why


def examined(case: Case) -> tuple[corpora.Case | None, str, int | None]:
    """Return a case with the marks of outputs that are the same in each run; None and why, if it is left out, and
    the index of a call with another status.
    """
    marked = corpora.Case(case.title, case.anchors, tuple(_marked(call) for call in case.calls))
    start = time.perf_counter()
    first = play(marked, {}, in_process)
    took = time.perf_counter() - start
    if took > LONGEST:
        return None, "time", None
    second = play(marked, {}, in_process)
    third = play(marked, {}, in_process)
    for index, (status, one, two) in enumerate(zip(case.statuses, first.answers, second.answers, strict=True)):
        if not one.status == two.status == f"{status:08x}":
            return None, f"status {one.function} {status:08x} {one.status} {two.status}", index
        if [fact for fact in one.facts if "out" not in fact] != [fact for fact in two.facts if "out" not in fact]:
            return None, "sizes", None
    calls = []
    used = {found for call in case.calls for word in call.words for found in re.findall(r"(?<![:!])\bo\d+", word)}
    for call, *answers in zip(marked.calls, first.answers, second.answers, third.answers, strict=True):
        facts = [dict(fact.split("=", 1) for fact in one.facts if fact.startswith("out")) for one in answers]
        calls.append(_unmarked(call, facts, used))
    return corpora.Case(case.title, case.anchors, tuple(calls)), "", None


OUTPUT = re.compile(r"(?P<head>[><^](?:[^:!{},]|\^\d+:)+?|auth\d+)!?:(?P<name>o\d+)")


def _marked(call: corpora.Call) -> corpora.Call:
    """Return the call with every output marked as compared."""
    return corpora.Call(call.function, tuple(OUTPUT.sub(r"\g<head>!:\g<name>", word) for word in call.words))


def _unmarked(call: corpora.Call, facts: list[dict[str, str]], used: set[str]) -> corpora.Call:
    """Return the call with the mark where the runs agree, and with names of outputs that a later call uses."""
    index = 0

    def shown(found: re.Match[str]) -> str:
        nonlocal index
        index += 1
        value = facts[0].get(f"out{index}")
        same = value is not None and value != "written" and all(one.get(f"out{index}") == value for one in facts)
        name = f":{found['name']}" if found["name"] in used else ""
        return f"{found['head']}{'!' if same else ''}{name}"

    made = corpora.Call(call.function, tuple(OUTPUT.sub(shown, word) for word in call.words))
    if not ADDRESSES.isdisjoint(call.words):
        made = corpora.Call(call.function, tuple(word.replace("!", "") for word in made.words))
    return made


HEX = re.compile(rf"x[0-9a-f]{{{2 * SHARED},}}(?![*0-9a-f])")


def rendered(cases: list[corpora.Case], by_hand: str) -> str:
    """Return the text of the corpus: by hand, data that several calls share, and the cases."""
    count = Counter(found for case in cases for call in case.calls for found in HEX.findall(str(call)))
    names = {word: f"d{corpora.fnv(word.encode(), 32):08x}" for word, times in count.items() if times > 1}
    lines = [
        "# Cases for 'cng compare'. tests/windll/corpus_maker.py writes this file; docs/reference/compare-files.md",
        "# describes the format.", "", by_hand.strip(), "",
    ]  # fmt: skip
    for case in cases:
        lines += ["", f"= {' '.join(case.anchors)} : {case.title}"]
        lines += [HEX.sub(lambda found: names.get(found[0], found[0]), str(call)) for call in case.calls]
    lines += ["", "# Data that several calls share", *(f": {name} {word}" for word, name in names.items())]
    return "\n".join(lines) + "\n"


def main() -> int:
    maker = Maker()
    options = ["-q", "-W", "ignore", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(ROOT)]
    pytest.main([str(ROOT / "tests" / "contract"), *options, *sys.argv[1:]], plugins=[maker])
    cases = distinct(maker.cases)
    kept, reasons = [], Counter()
    for case in cases:
        found, why = checked(case)
        reasons[why.split()[0] if why else "kept"] += 1
        if found is not None:
            kept.append(found)
        else:
            print(case.title, why, file=sys.stderr)
    text = rendered(kept, BY_HAND.read_text(encoding="utf-8"))
    TARGET.write_text(text, encoding="utf-8")
    made = corpora.read_corpus(text)
    print(
        f"{len(maker.cases)} tests, {len(cases)} distinct, {dict(reasons)}, {len(maker.without_anchor)} without anchor"
    )
    print("without anchor:", *sorted(set(maker.without_anchor)), sep="\n  ", file=sys.stderr)
    print(f"{len(made.cases)} cases, {sum(len(one.calls) for one in made.cases)} calls, {len(text)} bytes")
    print(f"{len(ANCHORS - made.anchors)} rules of {len(ANCHORS)} without a case: {sorted(ANCHORS - made.anchors)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
