"""One reference page for each algorithm, written from the providers' declarations.

The pages are made when a build begins, in ``docs/reference/generated``, and are not kept in the repository:
what they say is said in the declarations. :func:`page_of` is the text of one; ``tests/docs`` read it as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cngcore import constants, windows
from cngcore.objects import Implementation as Candidate
from cngcore.provider import Algorithm, BlobType, ByWindows, ExactLength, KeyLengths, LengthRule, NoLength, When
from cngcore.registry import Registry

FOLDER = "reference/generated"

FLAGS = {0x00000008: "BCRYPT_NO_KEY_VALIDATION"}

PADDINGS = {
    value: name.removeprefix("BCRYPT_SUPPORTED_PAD_")
    for name, value in vars(constants).items()
    if name.startswith("BCRYPT_SUPPORTED_PAD_")
}
"""The bits of PaddingSchemes, by the ends of their names in the header."""

WINDOWS = {
    "vista": "Windows Vista", "7": "Windows 7", "8": "Windows 8", "8.1": "Windows 8.1", "10": "Windows 10",
    "11": "Windows 11", "11-24h2": "Windows 11 24H2 and Server 2025",
}  # fmt: skip

INTERFACES = {
    "encrypt": "asymmetric encryption", "agree": "secret agreement", "sign": "signatures",
    "encapsulate": "key encapsulation", "hash": "hashing", "random": "random numbers",
}  # fmt: skip


# --- words for a declaration's parts ------------------------------------------------------------------


def length_in_words(rule: LengthRule | None) -> str:
    """What ``dwLength`` may be, as a sentence."""
    if rule is None:
        return "None: the algorithm has no key pairs, and `BCryptGenerateKeyPair` answers STATUS_NOT_SUPPORTED."
    if isinstance(rule, NoLength):
        return "0, and nothing else: the parameter set says how large the key is."
    if isinstance(rule, ExactLength):
        return f"Exactly {rule.bits} bits."
    if isinstance(rule, ByWindows):
        parts = [f"since {WINDOWS[since]}: {length_in_words(one)[0].lower()}{length_in_words(one)[1:]}"
                 for since, one in rule.rules.items()]  # fmt: skip
        return " ".join(f"{part[0].upper()}{part[1:]}" for part in parts)
    lengths = rule.key_lengths()
    if isinstance(lengths, KeyLengths):
        least, most, step = lengths.minimum, lengths.maximum, lengths.step
        return f"Every multiple of {step} bits from {least} to {most}."
    text = " ".join((type(rule).__doc__ or repr(rule)).split())
    return text.partition(" (")[0].rstrip(".") + "."


def boundaries(rule: LengthRule | None) -> list[tuple[int, bool]]:
    """Lengths at and beside the edges of a rule, each with whether it is taken."""
    if rule is None:
        return []
    newest = rule.for_windows(windows.NEWEST)
    lengths = newest.key_lengths()
    if lengths is not None:
        step = lengths.step or 1
        tried = {0, lengths.minimum - step, lengths.minimum, lengths.minimum + 1, lengths.minimum + step,
                 lengths.maximum - step, lengths.maximum, lengths.maximum + 1, lengths.maximum + step}  # fmt: skip
    else:
        tried = {0, 1, 256}
    return [(length, newest.accepts(length, {})) for length in sorted(tried) if length >= 0]


def type_in_words(kind: object) -> str:
    """The type of a property's value, as C code sees it."""
    known = {int: "DWORD", str: "UTF-16 string", bytes: "bytes", tuple: "list of names"}
    if isinstance(kind, type) and kind in known:
        return known[kind]
    name = kind.rpartition(":")[2] if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    return f"structure `{name}`"


def access_in_words(access: str) -> str:
    return {"": "-", "r": "read", "w": "set", "rw": "read, set"}[access]


def value_in_words(name: str, value: object, values: Sequence[object] | None) -> str:
    """What a property is where nothing has been set, or what it may be."""
    if name == "PaddingSchemes" and isinstance(value, int):
        return ", ".join(scheme for bit, scheme in PADDINGS.items() if value & bit)
    if values is not None:
        return f"one of {len(values)} names" if len(values) > 4 else ", ".join(f"`{one}`" for one in values)
    if isinstance(value, tuple):
        return f"{len(value)} names"
    if isinstance(value, int):
        return f"{value}" if value < 65536 else f"0x{value:X}"
    if isinstance(value, str):
        return f"`{value}`"
    return ""


# --- statuses ------------------------------------------------------------------------------------------


def statuses(algorithm: Algorithm) -> Iterator[tuple[str, str, str]]:
    """(call, status, when) for every call that has to do with this algorithm, from its declaration."""
    if algorithm.key_lengths is None:
        yield "BCryptGenerateKeyPair", "NOT_SUPPORTED", "always: no key pairs"
        if "hash" in algorithm.operations:
            yield "BCryptFinishHash", "INVALID_PARAMETER", "the buffer is not exactly as long as the digest"
            yield "BCryptHashData", "INVALID_HANDLE", "the hash is finished and was not opened as reusable"
            if not algorithm.keyed:
                yield "BCryptOpenAlgorithmProvider", "NOT_SUPPORTED", "the HMAC flag: there is no keyed form"
        else:
            yield "BCryptGenRandom", "INVALID_PARAMETER", "no buffer"
        return
    yield "BCryptGenerateKeyPair", "INVALID_PARAMETER", "a length outside the rule; a flag that is not listed above"
    for name, one in algorithm.properties.items():
        if "w" in one.when.empty or "w" in one.when.algorithm:
            yield "BCryptSetProperty", "INVALID_PARAMETER", f"{name}: a value of the wrong size or type, or illegal"
            if one.values is not None:
                yield "BCryptSetProperty", "NOT_SUPPORTED", f"{name}: not one of the listed names"
    yield "BCryptSetProperty", "NOT_SUPPORTED", "an unknown property, and one that is only read"
    yield "BCryptSetProperty", "ACCESS_DENIED", "on a pseudo-handle"
    if algorithm.parameter_sets:
        yield "BCryptFinalizeKeyPair", "INVALID_PARAMETER", "no parameter set has been set"
    elif algorithm.key_lengths.key_lengths() is None:
        yield "BCryptFinalizeKeyPair", "INVALID_PARAMETER", "no curve has been set"
    yield "BCryptFinalizeKeyPair", "INVALID_HANDLE", "the key is finalized or was imported"
    curves = any(name.startswith("ECC") for name in algorithm.blob_types)
    wrong = ("a blob type", "; a magic that is not this algorithm's") if curves else ("a blob type or a magic", "")
    yield "BCryptImportKeyPair", "NOT_SUPPORTED", f"{wrong[0]} that is not this algorithm's"
    yield (
        "BCryptImportKeyPair",
        "INVALID_PARAMETER",
        f"numbers that make no key; a blob shorter than its header{wrong[1]}",
    )
    if any("RSA" in name for name in algorithm.blob_types):
        yield "BCryptImportKeyPair", "NTE_BAD_DATA", "sizes in the header and the blob disagree"
    if algorithm.parameter_sets:
        yield "BCryptImportKeyPair", "INVALID_BUFFER_SIZE", "the key is not of the size its parameter set has"
    yield "BCryptExportKey", "INVALID_HANDLE", "the key is not finalized"
    yield "BCryptExportKey", "INVALID_PARAMETER", "a private type asked of a public half"
    yield "BCryptExportKey", "NOT_SUPPORTED", "a blob type that is not listed as exported"
    yield "BCryptExportKey", "BUFFER_TOO_SMALL", "the buffer is short; the size is told"
    yield from _operation_statuses(algorithm)


def _operation_statuses(algorithm: Algorithm) -> Iterator[tuple[str, str, str]]:
    calls = {
        "sign": ("BCryptSignHash", "BCryptVerifySignature"), "encrypt": ("BCryptEncrypt", "BCryptDecrypt"),
        "agree": ("BCryptSecretAgreement",), "encapsulate": ("BCryptEncapsulate", "BCryptDecapsulate"),
    }  # fmt: skip
    for operation, names in calls.items():
        if operation not in algorithm.operations:
            for name in names:
                yield name, "NOT_SUPPORTED", f"always: this algorithm is not for {INTERFACES[operation]}"
            continue
        for name in names:
            yield name, "INVALID_HANDLE", "the key is not finalized, or destroyed"
        if operation == "sign":
            yield "BCryptSignHash", "INVALID_PARAMETER", "a public half; a padding or a hash length that does not fit"
            yield "BCryptSignHash", "BUFFER_TOO_SMALL", "the buffer is short; the size is told"
            yield "BCryptVerifySignature", "INVALID_SIGNATURE", "the signature does not verify, whatever its length"
            yield "BCryptVerifySignature", "INVALID_PARAMETER", "an empty signature; a padding that does not fit"
        elif operation == "encrypt":
            yield "BCryptEncrypt", "INVALID_PARAMETER", "a text that does not fit the key and padding"
            yield "BCryptDecrypt", "INVALID_PARAMETER", "a public half; whatever does not decrypt, for any cause"
            for name in names:
                yield name, "BUFFER_TOO_SMALL", "the buffer is short; the size is told"
        elif operation == "agree":
            yield "BCryptSecretAgreement", "INVALID_PARAMETER", "a public half in the first place; two groups or curves"
        else:
            yield "BCryptDecapsulate", "INVALID_BUFFER_SIZE", "a ciphertext of the wrong length"
            yield "BCryptDecapsulate", "INVALID_PARAMETER", "a public half"
            for name in names:
                yield name, "BUFFER_TOO_SMALL", "a buffer is short; the sizes are told"


# --- the page ------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> list[str]:
    """A Markdown table; ``kind`` is a class for the style sheet."""
    lines = [f"{{.{kind}}}"] if kind else []
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(cell.replace("|", "\\|") or " " for cell in row) + " |" for row in rows), ""]


def page_of(name: str, candidates: Sequence[Candidate]) -> str:
    """The Markdown page of one algorithm; the first candidate is the one of the highest rank."""
    first = candidates[0].algorithm
    interfaces = ", ".join(INTERFACES[one] for one in INTERFACES if one in first.operations)
    since = WINDOWS[first.introduced].removeprefix("Windows ")
    lines = [f"# {name}", "", f"For {interfaces}. In Windows since {since}."]
    if first.keyed:
        lines += ["HMAC is the same algorithm opened with `BCRYPT_ALG_HANDLE_HMAC_FLAG`."]
    lines += [""]
    if first.key_lengths is not None:
        lines += [*_keys(first), *_sets(candidates)]
    lines += [*_properties(candidates), *_blobs(candidates)]
    lines += [
        "## Statuses",
        "",
        "Beside SUCCESS, and INVALID_HANDLE for what is no handle. Names without `STATUS_`.",
        "",
    ]
    lines += table(("call", "status", "when"), _grouped(statuses(first)), "statuses")
    lines += [*_implementations(candidates), *_sources(first)]
    return "\n".join(lines)


def _grouped(rows: Iterator[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Rows by call, the name of a call only where it changes, in the order in which calls first appear."""
    every = list(rows)
    calls = list(dict.fromkeys(call for call, _, _ in every))
    ordered = sorted(every, key=lambda row: calls.index(row[0]))
    answer, last = [], ""
    for call, status, when in ordered:
        answer.append((f"`{call}`" if call != last else "", status, when))
        last = call
    return answer


def _keys(algorithm: Algorithm) -> list[str]:
    rule = algorithm.key_lengths
    tried = boundaries(rule)
    lines = ["## Keys", "", f"Length in bits (`dwLength`)\n: {length_in_words(rule)}", ""]
    yes = ", ".join(str(length) for length, taken in tried if taken) or "none"
    no = ", ".join(str(length) for length, taken in tried if not taken) or "none"
    edges = "At its edges, while no curve is set" if algorithm.properties.get("ECCCurveNameList") else "At its edges"
    lines += [f"{edges}\n: taken: {yes}; refused with STATUS_INVALID_PARAMETER: {no}", ""]
    names = [name for bit, name in FLAGS.items() if algorithm.generate_flags & bit]
    lines += [f"Flags (`dwFlags`)\n: {', '.join(f'`{name}`' for name in names) or 'none: 0 only'}", ""]
    at = "can" if algorithm.dispatch_level else "cannot"
    return [*lines, f"DISPATCH_LEVEL\n: {at} be opened with `BCRYPT_PROV_DISPATCH`", ""]


def _sets(candidates: Sequence[Candidate]) -> list[str]:
    sets = candidates[0].algorithm.parameter_sets
    if not sets:
        return []
    sizes = list(dict.fromkeys(size for one in sets for size in one.sizes))
    rows = [[f"`{one.name}`", *(str(one.sizes.get(size, "-")) for size in sizes)] for one in sets]
    head = ["set", *(size.replace("_", " ") for size in sizes)]
    return ["## Parameter sets", "", "Sizes in bytes.", "", *table(head, rows)]


def _properties(candidates: Sequence[Candidate]) -> list[str]:
    first = candidates[0].algorithm
    rows = []
    known = list(first.properties.values())
    for one in known:
        when: When = one.when
        phases = [access_in_words(access) for access in (when.algorithm, when.empty, when.finalized)]
        rows.append(
            [f"`{one.name}`", type_in_words(one.type), *phases, value_in_words(one.name, one.value, one.values)]
        )
    if first.parameter_sets and "ParameterSetName" not in first.properties:
        names = ", ".join(f"`{one.name}`" for one in first.parameter_sets)
        rows.append(["`ParameterSetName`", "UTF-16 string", "-", "read, set", "read", names])
    if first.key_lengths is None:
        rows = [[*row[:3], row[5]] for row in rows]
        head = ("property", "type", "on the algorithm", "value")
        return [
            "## Properties",
            "",
            "`AlgorithmName` can be read everywhere.",
            "",
            *(table(head, rows) if rows else []),
        ]
    everywhere = "`AlgorithmName` can be read everywhere, `ProviderHandle` on a key"
    lengths = first.key_lengths.key_lengths()
    if lengths is not None:
        everywhere += f", `KeyLengths` on the algorithm ({lengths.minimum}, {lengths.maximum}, {lengths.step})"
    lines = ["## Properties", "", f"{everywhere}.", ""]
    head = ("property", "type", "on the algorithm", "empty key", "finalized key", "value")
    named = [one for one in known if one.values is not None and len(one.values) > 4]
    lists = [f"Names of `{one.name}`: {', '.join(f'`{name}`' for name in one.values or ())}." for one in named]
    return [*lines, *table(head, rows), *lists, ""] if rows else lines


def _blobs(candidates: Sequence[Candidate]) -> list[str]:
    first = candidates[0].algorithm
    if not first.blob_types:
        return []

    def ways(blob: BlobType) -> str:
        return " and ".join(word for word, yes in (("import", blob.imports), ("export", blob.exports)) if yes)

    rows = []
    for name, blob in first.blob_types.items():
        lacking = [one.implementation for one in candidates if name not in one.algorithm.blob_types]
        rows.append([f"`{name}`", "private" if blob.private else "public", ways(blob),
                     f"not by {', '.join(lacking)}" if lacking else ""])  # fmt: skip
    head = ("type", "holds", "ways", "except")
    if not any(row[3] for row in rows):
        head, rows = head[:3], [row[:3] for row in rows]
    return ["## Blobs", "", *table(head, rows)]


def _implementations(candidates: Sequence[Candidate]) -> list[str]:
    rows = []
    for one in candidates:
        declared = one.algorithm
        sets = ", ".join(item.name for item in declared.parameter_sets) or "-"
        library = declared.back_end or "-"
        rows.append([f"`{one.implementation}`", f"`{one.distribution}`", library, str(declared.rank), sets])
    head = ["implementation", "distribution", "library underneath", "rank", "sets"]
    if not any(one.algorithm.parameter_sets for one in candidates):
        head, rows = head[:4], [row[:4] for row in rows]
    folder = "" if len({one.distribution for one in candidates}) != 1 else candidates[0].distribution
    more = ""
    if folder.startswith("cngcore-"):
        more = f" See [the provider's page](../../providers/{folder.removeprefix('cngcore-')}.md)."
    text = f"The highest rank is the default where it can work; [how one is chosen](../../howto/back-end.md).{more}"
    return ["## Implementations", "", *table(head, rows), text, ""]


def _linked(source: str) -> str:
    """Link the rules and the decisions that a source cites."""
    text = re.sub(r"decisions/([\w-]+)", r"[decision \1](../../decisions/\1.md)", source)
    return re.sub(r"\brule-[a-z0-9-]+", r"[\g<0>](#\g<0>)", text)


def _sources(algorithm: Algorithm) -> list[str]:
    sources = getattr(algorithm, "sources", None)
    if not sources:
        return []
    words = {
        "operations": "what it is for", "key_lengths": "length", "parameter_sets": "parameter sets",
        "generate_flags": "flags",
    }  # fmt: skip
    rows = [[words.get(name, f"`{name}`"), _linked(text)] for name, text in sources.items()]
    note = (
        "A name that begins with *rule* is a rule of [the contract](../contract/index.md). The tags in brackets are "
        "its [evidence](../contract/index.md#contract-evidence)."
    )
    return ["## Where each rule comes from", "", note, "", *table(("rule", "source"), rows)]


# --- the build -----------------------------------------------------------------------------------------


def ours() -> dict[str, tuple[Candidate, ...]]:
    """Every algorithm of the providers in this tree, each with its candidates, best first."""
    registry = Registry(windows=windows.NEWEST)
    found = {}
    for name in registry.algorithms():
        own = tuple(one for one in registry.candidates(name) if one.distribution.startswith("cngcore"))
        if own:
            found[name] = own
    return found


def write(folder: Path) -> None:
    """Write every page into ``folder``; pages that have not changed are left alone, others removed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {f"{name.lower()}.md": page_of(name, candidates) for name, candidates in ours().items()}
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        target = folder / name
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")


def setup(app):  # type: ignore[no-untyped-def] - sphinx is no requirement of the type check
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / FOLDER))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
