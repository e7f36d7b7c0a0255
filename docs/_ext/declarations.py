"""Generate one reference page for each algorithm from the providers' declarations.

A build writes the pages to ``docs/reference/generated``; the repository does not contain them. :func:`page_of` returns
the text of one page, and ``tests/docs`` check it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import examples
from cngcore import constants, windows
from cngcore.objects import Implementation
from cngcore.provider import Algorithm, BlobType, ByWindows, LengthRule, Property, When
from cngcore.registry import Registry

FOLDER = "reference/generated"

FLAGS = {0x00000008: "BCRYPT_NO_KEY_VALIDATION"}

SECRET_FLAGS = {
    0x00000010: "BCRYPT_CAPI_AES_FLAG", 0x00000080: "BCRYPT_EXTENDED_KEYSIZE",
    0x00000100: "BCRYPT_ENABLE_INCOMPATIBLE_FIPS_CHECKS",
}  # fmt: skip
"""The flags of symmetric keys; the first belongs to ``BCryptKeyDerivation``."""

PADDINGS = {
    value: name.removeprefix("BCRYPT_SUPPORTED_PAD_")
    for name, value in vars(constants).items()
    if name.startswith("BCRYPT_SUPPORTED_PAD_")
}
"""The bits of PaddingSchemes, with the last parts of their names in the header."""

WINDOWS = {
    "vista": "Windows Vista", "7": "Windows 7", "8": "Windows 8", "8.1": "Windows 8.1", "10": "Windows 10",
    "11": "Windows 11", "11-24h2": "Windows 11 24H2 and Server 2025",
}  # fmt: skip

INTERFACES = {
    "encrypt": "asymmetric encryption", "agree": "secret agreement", "sign": "signatures",
    "encapsulate": "key encapsulation", "hash": "hashing", "random": "random numbers",
    "cipher": "symmetric encryption", "derive": "key derivation",
}  # fmt: skip


# --- words for a declaration's parts ------------------------------------------------------------------


def length_in_words(rule: LengthRule | None) -> str:
    """Return the legal values of ``dwLength`` as a sentence."""
    if rule is None:
        return "None. The algorithm has no key pairs: `BCryptGenerateKeyPair` returns STATUS_NOT_SUPPORTED."
    if isinstance(rule, ByWindows):
        return " ".join(f"Since {WINDOWS[since]}: {one.in_words()}." for since, one in rule.rules.items())
    words = rule.in_words().replace("no length, because", "0 only, because")
    return f"{words[0].upper()}{words[1:]}."


def boundaries(rule: LengthRule | None) -> list[tuple[int, bool]]:
    """Return lengths at and beside the limits of a rule, each with whether it is legal."""
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
    """Return the type of a property's value, as C code sees it."""
    known = {int: "DWORD", str: "UTF-16 string", bytes: "bytes", tuple: "list"}
    if isinstance(kind, type) and kind in known:
        return known[kind]
    name = kind.rpartition(":")[2] if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    return f"structure `{name}`"


def access_in_words(access: str) -> str:
    return {"": "-", "r": "read", "w": "set", "rw": "read, set"}[access]


def value_in_words(name: str, value: object, values: Sequence[object] | None) -> str:
    """Return the default of a property, or its legal values."""
    if name == "PaddingSchemes" and isinstance(value, int):
        return ", ".join(scheme for bit, scheme in PADDINGS.items() if value & bit)
    if values is not None:
        return f"one of {len(values)} names" if len(values) > 4 else ", ".join(f"`{one}`" for one in values)
    if isinstance(value, tuple):
        numbers = all(isinstance(one, int) for one in value)
        return ", ".join(map(str, value)) if numbers else f"{len(value)} names"
    if isinstance(value, int):
        return f"{value}" if value < 65536 else f"0x{value:X}"
    if isinstance(value, str):
        return f"`{value}`"
    return ""


# --- statuses ------------------------------------------------------------------------------------------


def statuses(algorithm: Algorithm) -> Iterator[tuple[str, str, str]]:
    """Yield (call, status, when) for every call that concerns this algorithm, from its declaration."""
    if algorithm.has_symmetric_keys:
        yield from _symmetric_statuses(algorithm)
        return
    if not algorithm.has_key_pairs:
        yield "BCryptGenerateKeyPair", "NOT_SUPPORTED", "always: the algorithm has no key pairs"
        extendable = "SHAKE" in algorithm.name or "KMAC" in algorithm.name
        if algorithm.mac:
            yield "BCryptCreateHash", "INVALID_PARAMETER", "there is no secret, or its length is illegal"
        for name, one in algorithm.properties.items():
            if "w" in one.when.object:
                yield "BCryptSetProperty", "INVALID_PARAMETER", f"{name}: the hash has data already"
        if "hash" in algorithm.operations:
            if not extendable:
                yield "BCryptFinishHash", "INVALID_PARAMETER", "the buffer is not exactly as long as the digest"
            yield "BCryptHashData", "INVALID_HANDLE", "the hash is finished and was not opened as reusable"
            if not algorithm.keyed:
                yield "BCryptOpenAlgorithmProvider", "NOT_SUPPORTED", "the HMAC flag, because there is no keyed form"
        else:
            yield "BCryptGenRandom", "INVALID_PARAMETER", "the buffer is missing"
        return
    yield "BCryptGenerateKeyPair", "INVALID_PARAMETER", "the length or a flag is not listed above"
    for name, one in algorithm.properties.items():
        if "w" in one.when.empty or "w" in one.when.algorithm:
            yield (
                "BCryptSetProperty",
                "INVALID_PARAMETER",
                f"{name}: the value, its size or its type is illegal",
            )
            if one.values is not None:
                yield "BCryptSetProperty", "NOT_SUPPORTED", f"{name}: the name is not listed"
    yield "BCryptSetProperty", "NOT_SUPPORTED", "the property is unknown or read-only"
    yield "BCryptSetProperty", "ACCESS_DENIED", "the handle is a pseudo-handle"
    if algorithm.parameter_sets:
        yield "BCryptFinalizeKeyPair", "INVALID_PARAMETER", "the parameter set is not set"
    elif algorithm.key_lengths.key_lengths() is None:
        yield "BCryptFinalizeKeyPair", "INVALID_PARAMETER", "the curve is not set"
    yield "BCryptFinalizeKeyPair", "INVALID_HANDLE", "the key is finalized already, or was imported"
    curves = any(name.startswith("ECC") for name in algorithm.blob_types)
    wrong = ("the blob type", "; the magic is another's") if curves else ("the blob type or the magic", "")
    yield "BCryptImportKeyPair", "NOT_SUPPORTED", f"{wrong[0]} belongs to another algorithm"
    yield (
        "BCryptImportKeyPair",
        "INVALID_PARAMETER",
        f"the numbers are not a key; the blob is shorter than its header{wrong[1]}",
    )
    if any("RSA" in name for name in algorithm.blob_types):
        yield "BCryptImportKeyPair", "NTE_BAD_DATA", "the sizes in the header do not match the blob"
    if algorithm.parameter_sets:
        yield "BCryptImportKeyPair", "INVALID_BUFFER_SIZE", "the size of the key does not match its parameter set"
    yield "BCryptExportKey", "INVALID_HANDLE", "the key is not finalized yet"
    yield "BCryptExportKey", "INVALID_PARAMETER", "the blob type is private, and the key is a public half"
    yield "BCryptExportKey", "NOT_SUPPORTED", "the blob type is not listed as exported"
    yield "BCryptExportKey", "BUFFER_TOO_SMALL", "the buffer is too short; the call returns the size"
    yield from _operation_statuses(algorithm)


def _symmetric_statuses(algorithm: Algorithm) -> Iterator[tuple[str, str, str]]:
    """Yield the statuses of an algorithm with symmetric keys."""
    yield "BCryptGenerateKeyPair", "NOT_SUPPORTED", "always: the algorithm has no key pairs"
    yield "BCryptGenerateSymmetricKey", "INVALID_PARAMETER", "the secret is NULL or too short; a flag is not listed"
    if algorithm.blob_types:
        yield "BCryptImportKey", "BUFFER_TOO_SMALL", "the blob is shorter than its header"
        yield "BCryptImportKey", "INVALID_PARAMETER", "the blob is damaged; the key that unwraps it is wrong"
        yield "BCryptExportKey", "BUFFER_TOO_SMALL", "the buffer is too short; the call returns the size"
    yield "BCryptExportKey", "NOT_SUPPORTED", "the blob type is not listed"
    if "derive" in algorithm.operations:
        yield "BCryptEncrypt", "NOT_SUPPORTED", "always: the key is for derivation"
        yield "BCryptKeyDerivation", "INVALID_PARAMETER", "a parameter is missing, repeated or not listed; no buffer"
        yield "BCryptKeyDerivation", "NOT_SUPPORTED", "the hash is unknown"
        return
    kinds = {mode.kind for mode in algorithm.modes}
    yield "BCryptKeyDerivation", "NOT_SUPPORTED", "always: the key is for encryption"
    yield "BCryptSetProperty", "NOT_SUPPORTED", "the property is unknown or read-only; the mode is not listed"
    yield "BCryptSetProperty", "ACCESS_DENIED", "the handle is a pseudo-handle"
    for name in ("BCryptEncrypt", "BCryptDecrypt"):
        yield name, "BUFFER_TOO_SMALL", "the buffer is too short; the call returns the size"
        if kinds & {"blocks", "register"}:
            yield name, "INVALID_PARAMETER", "the IV has the wrong length, or cannot be written to; ECB has an IV"
            yield name, "INVALID_BUFFER_SIZE", "the input is no whole number of blocks, and is not padded"
        if "units" in kinds:
            yield name, "INVALID_PARAMETER", "there is no IV of 8 bytes"
            yield name, "INVALID_BUFFER_SIZE", "the input is no whole number of data units"
        if "stream" in kinds:
            yield name, "INVALID_PARAMETER", "the flag BCRYPT_BLOCK_PADDING"
        if "authenticated" in kinds:
            yield name, "INVALID_PARAMETER", "the structure is missing; the nonce or the tag has a wrong length"
    if kinds & {"blocks", "register"}:
        yield "BCryptDecrypt", "DATA_ERROR", "the padding is wrong"
    if "authenticated" in kinds:
        yield "BCryptDecrypt", "AUTH_TAG_MISMATCH", "anything about the message was changed"


def _operation_statuses(algorithm: Algorithm) -> Iterator[tuple[str, str, str]]:
    calls = {
        "sign": ("BCryptSignHash", "BCryptVerifySignature"), "encrypt": ("BCryptEncrypt", "BCryptDecrypt"),
        "agree": ("BCryptSecretAgreement",), "encapsulate": ("BCryptEncapsulate", "BCryptDecapsulate"),
    }  # fmt: skip
    for operation, names in calls.items():
        if operation not in algorithm.operations:
            for name in names:
                yield name, "NOT_SUPPORTED", f"always: the algorithm does not support {INTERFACES[operation]}"
            continue
        for name in names:
            yield name, "INVALID_HANDLE", "the key is not finalized yet, or is destroyed"
        if operation == "sign":
            yield (
                "BCryptSignHash",
                "INVALID_PARAMETER",
                "the key is a public half; the padding or hash length is wrong",
            )
            yield "BCryptSignHash", "BUFFER_TOO_SMALL", "the buffer is too short; the call returns the size"
            yield (
                "BCryptVerifySignature",
                "INVALID_SIGNATURE",
                "the signature does not verify, whatever its length",
            )
            yield "BCryptVerifySignature", "INVALID_PARAMETER", "the signature is empty; the padding is wrong"
        elif operation == "encrypt":
            yield "BCryptEncrypt", "INVALID_PARAMETER", "the text does not fit the key and the padding"
            yield "BCryptDecrypt", "INVALID_PARAMETER", "the key is a public half; decryption failed, for any cause"
            for name in names:
                yield name, "BUFFER_TOO_SMALL", "the buffer is too short; the call returns the size"
        elif operation == "agree":
            yield (
                "BCryptSecretAgreement",
                "INVALID_PARAMETER",
                "the first key is a public half; two groups or curves",
            )
        else:
            yield "BCryptDecapsulate", "INVALID_BUFFER_SIZE", "the ciphertext has the wrong length"
            yield "BCryptDecapsulate", "INVALID_PARAMETER", "the key is a public half"
            for name in names:
                yield name, "BUFFER_TOO_SMALL", "a buffer is too short; the call returns the sizes"


# --- the page ------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> list[str]:
    """Return a Markdown table; ``kind`` is a class for the style sheet."""
    lines = [f"{{.{kind}}}"] if kind else []
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(cell.replace("|", "\\|") or " " for cell in row) + " |" for row in rows), ""]


def page_of(name: str, candidates: Sequence[Implementation]) -> str:
    """Return the Markdown page of one algorithm; the first candidate has the highest rank."""
    first = candidates[0].algorithm
    interfaces = " and ".join(INTERFACES[one] for one in INTERFACES if one in first.operations)
    since = WINDOWS[first.introduced].removeprefix("Windows ")
    lines = [f"# {name}", "", f"{name} supports {interfaces}. Windows has it since {since}."]
    lines += ["On this page you find an example, and its lengths, flags, properties, blobs and statuses."]
    if first.keyed and first.mac:
        lines += ["It is a MAC: a hash object with a secret. It opens with and without `BCRYPT_ALG_HANDLE_HMAC_FLAG`."]
    elif first.mac:
        lines += ["It is a MAC: a hash object with a secret. It opens without `BCRYPT_ALG_HANDLE_HMAC_FLAG` only."]
    elif first.keyed:
        lines += ["HMAC is the same algorithm opened with `BCRYPT_ALG_HANDLE_HMAC_FLAG`."]
    python, flat = examples.of(first)
    lines += ["", "## Example", "", "From Python:", "", "```python", python, "```", ""]
    lines += ["Like bcrypt.h:", "", "```python", flat, "```", ""]
    if first.has_key_pairs:
        lines += [*_keys(first), *_sets(candidates)]
    elif first.key_lengths is not None:
        lines += _secrets(first)
    lines += [*_modes(first), *_parameters(first)]
    lines += [*_properties(candidates), *_blobs(candidates)]
    lines += [
        "## Statuses",
        "",
        "Every call can also return SUCCESS, or INVALID_HANDLE for an invalid handle. The table leaves out `STATUS_`.",
        "",
    ]
    lines += table(("call", "status", "when"), _grouped(statuses(first)), "statuses")
    lines += [*_implementations(candidates), *_sources(first)]
    return "\n".join(lines)


def _grouped(rows: Iterator[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the rows in the order of calls, with the name of a call only in its first row."""
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
    edges = "Limits, while no curve is set" if algorithm.properties.get("ECCCurveNameList") else "Limits"
    lines += [f"{edges}\n: accepted: {yes}; STATUS_INVALID_PARAMETER: {no}", ""]
    names = [name for bit, name in FLAGS.items() if algorithm.generate_flags & bit]
    lines += [f"Flags (`dwFlags`)\n: {', '.join(f'`{name}`' for name in names) or 'none; must be 0'}", ""]
    at = "can" if algorithm.dispatch_level else "cannot"
    return [*lines, f"{{term}}`DISPATCH_LEVEL`\n: the algorithm {at} be opened with `BCRYPT_PROV_DISPATCH`", ""]


def _secrets(algorithm: Algorithm) -> list[str]:
    """Return the lengths and flags of a secret."""
    rule = algorithm.key_lengths
    lines = ["## Secrets", "", f"Length in bits\n: {length_in_words(rule)}", ""]
    limits = rule.key_lengths() if rule is not None else None
    if algorithm.mac:
        lines += ["Any other length\n: STATUS_INVALID_PARAMETER", ""]
    elif limits is not None:
        longest = f"{limits.maximum // 8} bytes"
        lines += [f"A longer secret\n: is cut to {longest}, as on Windows; {{ref}}`why <rule-symmetric-generate>`", ""]
    if algorithm.extended_key_lengths is not None:
        words = length_in_words(algorithm.extended_key_lengths)
        lines += [f"Length in bits with `BCRYPT_EXTENDED_KEYSIZE`\n: {words}", ""]
    if algorithm.has_symmetric_keys:
        names = [f"`{name}`" for bit, name in SECRET_FLAGS.items() if algorithm.generate_flags & bit]
        lines += [f"Flags (`dwFlags`)\n: {', '.join(names) or 'none; must be 0'}", ""]
    at = "can" if algorithm.dispatch_level else "cannot"
    return [*lines, f"{{term}}`DISPATCH_LEVEL`\n: the algorithm {at} be opened with `BCRYPT_PROV_DISPATCH`", ""]


def _range_in_words(legal: tuple[int, int, int] | None) -> str:
    if legal is None:
        return "-"
    low, high, step = legal
    return f"{low}" if low == high else f"{low} to {high}" + (f" in steps of {step}" if step > 1 else "")


def _modes(algorithm: Algorithm) -> list[str]:
    """Return the modes of a cipher: what a call takes, and the limits."""
    if not algorithm.modes:
        return []
    block = algorithm.block_length
    vectors = {"register": f"{block}, written back", "blocks": "none", "stream": "none", "authenticated": "-"}
    rows = []
    for mode in algorithm.modes:
        most = mode.max_data
        if callable(most):
            low, high, _ = mode.nonce or (0, 0, 0)
            data = f"{most(high)} with a nonce of {high}; {most(low)} with one of {low}"
        else:
            data = "any" if most is None else f"{most}"
        whole = {"blocks": f"a multiple of {block}, or padded", "units": "whole data units"}.get(mode.kind, data)
        if mode.name == "CBC":
            whole = f"a multiple of {block}, or padded"
        elif mode.name == "CFB":
            whole = "a multiple of MessageBlockLength, or padded"
        rows.append([
            f"`{mode.chaining_mode}`" + (" (default)" if mode.default else ""),
            vectors.get(mode.kind, f"{mode.iv_length}, read only"), _range_in_words(mode.nonce),
            _range_in_words(mode.tag), whole, "yes" if mode.chained else "-", WINDOWS[mode.introduced],
        ])  # fmt: skip
    head = ["mode", "IV", "nonce", "tag", "data", "several calls", "since"]
    dropped = [at for at in (2, 3, 5) if all(row[at] == "-" for row in rows)]
    head = [word for at, word in enumerate(head) if at not in dropped]
    rows = [[cell for at, cell in enumerate(row) if at not in dropped] for row in rows]
    text = f"A block has {block} byte{'s' * (block > 1)}. Lengths are in bytes."
    return ["## Modes", "", text, "", *table(head, rows)]


def _parameters(algorithm: Algorithm) -> list[str]:
    """Return the parameters of a key-derivation algorithm."""
    if not algorithm.parameters:
        return []
    kinds = {"bytes": "bytes", "hash": "name of a hash", "u64": "number of 64 bits"}
    rows = [
        [f"`{one.name}`", kinds[one.type], "required" if one.required else "optional",
         ", ".join(f"`{name}`" for name in one.instead_of)]
        for one in algorithm.parameters
    ]  # fmt: skip
    head = ["parameter", "type", "", "replaces"]
    if not any(row[3] for row in rows):
        head, rows = head[:3], [row[:3] for row in rows]
    return ["## Parameters", "", "Of `BCryptKeyDerivation`:", "", *table(head, rows)]


def _sets(candidates: Sequence[Implementation]) -> list[str]:
    sets = candidates[0].algorithm.parameter_sets
    if not sets:
        return []
    sizes = list(dict.fromkeys(size for one in sets for size in one.sizes))
    rows = [[f"`{one.name}`", *(str(one.sizes.get(size, "-")) for size in sizes)] for one in sets]
    head = ["parameter set", *(size.replace("_", " ") for size in sizes)]
    return ["## Parameter sets", "", "Sizes are in bytes.", "", *table(head, rows)]


def _properties(candidates: Sequence[Implementation]) -> list[str]:
    first = candidates[0].algorithm
    rows = []
    known = [*first.properties.values(), *candidates[0].own_properties.values()]
    for one in known:
        when: When = one.when
        phases = [access_in_words(access) for access in (when.algorithm, when.empty, when.finalized)]
        rows.append(
            [f"`{one.name}`", type_in_words(one.type), *phases, value_in_words(one.name, one.value, one.values)]
        )
    if first.parameter_sets and "ParameterSetName" not in first.properties:
        names = ", ".join(f"`{one.name}`" for one in first.parameter_sets)
        rows.append(["`ParameterSetName`", "UTF-16 string", "-", "read, set", "read", names])
    if first.has_symmetric_keys:
        lengths = first.key_lengths.key_lengths() if first.key_lengths is not None else None
        everywhere = "`AlgorithmName` can be read everywhere, `ProviderHandle` on a key"
        if lengths is not None:
            everywhere += f", `KeyLengths` on the algorithm ({lengths.minimum}, {lengths.maximum}, {lengths.step})"
        rows = [[*row[:3], row[4], row[5]] for row in rows]
        head = ("property", "type", "on the algorithm", "on a key", "value")
        return ["## Properties", "", f"{everywhere}.", "", *table(head, rows), *_names_of(known), ""]
    if not first.has_key_pairs:
        settable = [access_in_words(one.when.object) for one in known]
        if any(one != "-" for one in settable):
            rows = [[*row[:3], on, row[5]] for row, on in zip(rows, settable, strict=True)]
            head = ("property", "type", "on the algorithm", "on a hash", "value")
            return ["## Properties", "", "`AlgorithmName` can be read everywhere.", "", *table(head, rows)]
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
    return [*lines, *table(head, rows), *_names_of(known), ""] if rows else lines


def _names_of(known: Sequence[Property]) -> list[str]:
    """Return the names that the table of properties only counts."""
    named = [one for one in known if one.values is not None and len(one.values) > 4]
    return [f"Names of `{one.name}`: {', '.join(f'`{name}`' for name in one.values or ())}." for one in named]


def _blobs(candidates: Sequence[Implementation]) -> list[str]:
    first = candidates[0].algorithm
    if not first.blob_types:
        return []

    def ways(blob: BlobType) -> str:
        return " and ".join(word for word, yes in (("import", blob.imports), ("export", blob.exports)) if yes)

    rows = []
    for name, blob in first.blob_types.items():
        lacking = [one.implementation for one in candidates if name not in one.algorithm.blob_types]
        rows.append([f"`{name}`", "private" if blob.private else "public", ways(blob),
                     f"not in {', '.join(lacking)}" if lacking else ""])  # fmt: skip
    head = ("type", "half", "supports", "except")
    if first.has_symmetric_keys:
        return ["## Blobs", "", *table(("type", "supports"), [[row[0], row[2]] for row in rows])]
    if not any(row[3] for row in rows):
        head, rows = head[:3], [row[:3] for row in rows]
    return ["## Blobs", "", *table(head, rows)]


def _implementations(candidates: Sequence[Implementation]) -> list[str]:
    rows = []
    for one in candidates:
        declared = one.algorithm
        sets = ", ".join(item.name for item in declared.parameter_sets) or "-"
        library = declared.back_end or "-"
        rows.append([f"`{one.implementation}`", f"`{one.distribution}`", library, str(declared.rank), sets])
    head = ["implementation", "distribution", "back end", "rank", "sets"]
    if not any(one.algorithm.parameter_sets for one in candidates):
        head, rows = head[:4], [row[:4] for row in rows]
    folder = "" if len({one.distribution for one in candidates}) != 1 else candidates[0].distribution
    more = ""
    if folder.startswith("cngcore-"):
        more = f" See [the provider's page](../../providers/{folder.removeprefix('cngcore-')}.md)."
    text = (
        "The implementation with the highest rank is the default if it can work; see "
        f"[Choose a back end](../../howto/back-end.md).{more}"
    )
    return ["## Implementations", "", *table(head, rows), text, ""]


def _linked(source: str) -> str:
    """Return a source with links to the rules and decisions that it cites."""
    text = re.sub(r"decisions/([\w-]+)", r"[decision \1](../../decisions/\1.md)", source)
    return re.sub(r"\brule-[a-z0-9-]+", r"[\g<0>](#\g<0>)", text)


def _sources(algorithm: Algorithm) -> list[str]:
    sources = getattr(algorithm, "sources", None)
    if not sources:
        return []
    words = {
        "operations": "operations", "key_lengths": "length", "parameter_sets": "parameter sets",
        "generate_flags": "flags", "modes": "modes", "parameters": "parameters",
    }  # fmt: skip
    rows = [[words.get(name, f"`{name}`"), _linked(text)] for name, text in sources.items()]
    note = (
        "Names that begin with *rule* are rules of [the contract](../contract/index.md). The tags in brackets name "
        "their [evidence](../contract/index.md#contract-evidence)."
    )
    return ["## Sources", "", note, "", *table(("rule", "source"), rows)]


# --- the build -----------------------------------------------------------------------------------------


def ours() -> dict[str, tuple[Implementation, ...]]:
    """Return every algorithm of the providers in this tree, each with its candidates, best first."""
    registry = Registry(windows=windows.NEWEST)
    found = {}
    for name in registry.algorithms():
        own = tuple(one for one in registry.candidates(name) if one.distribution.startswith("cngcore"))
        if own:
            found[name] = own
    return found


def write(folder: Path) -> None:
    """Write every page into ``folder``. Leave unchanged pages alone, and remove pages of other algorithms."""
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
