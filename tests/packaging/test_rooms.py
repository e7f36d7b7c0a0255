"""The house holds: rooms, floors, the wall between core and tools, and private modules. All of it is read with ast."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "cngcore"
TOOLS = {"bulk", "cli", "conformance", "formats", "pool", "windll"}
"""They import the core, and the core never imports them."""

LEGACY_STYLE = ("TYPE_CHECKING = False", "__import__(")


def module_of(path, base):
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def files(base, package):
    """Every module below a folder, by its dotted name. Templates of the scaffold are no modules of ours."""
    return {
        module_of(path, base): path for path in sorted((base / package).rglob("*.py")) if "scaffold" not in path.parts
    }


def imports(source, modules, own=""):
    """The modules among ``modules`` that a source imports: at the top, for types only, or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name the whole path"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in modules else str(node.module))
    return {name for name in found if name in modules} - {own}


@cache
def graph(base=ROOT, package="cngcore"):
    modules = files(base, package)
    return {name: imports(path.read_text(), modules, name) for name, path in modules.items()}


def circles(edges):
    """Every set of nodes that reach each other (Tarjan's algorithm)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = set()
            while node not in group:
                group.add(stack.pop())
            if len(group) > 1:
                found.append(group)

    for node in edges:
        if node not in index:
            visit(node)
    return found


def floors(edges):
    """The floor of each node: 1 above the highest that it imports."""

    @cache
    def floor(node):
        return 1 + max((floor(other) for other in edges[node]), default=0)

    return {node: floor(node) for node in edges}


def room_of(module):
    """The room of a module: a package or a file at the root of cngcore; the front door is a room of its own."""
    return module.split(".")[1] if "." in module else module


def rooms(edges):
    found = {}
    for module, others in edges.items():
        found.setdefault(room_of(module), set()).update(map(room_of, others))
    return {room: others - {room} for room, others in found.items()}


# --- the rules ------------------------------------------------------------------------------------------------------


def test_no_files_import_each_other_in_a_circle():
    assert circles(graph()) == []


@pytest.mark.parametrize("provider", sorted((ROOT / "providers").glob("*/src")), ids=lambda path: path.parent.name)
def test_no_files_of_a_provider_import_each_other_in_a_circle(provider):
    (package,) = [path.name for path in provider.iterdir() if path.name.startswith("cngcore_") and path.is_dir()
                  and not path.name.endswith((".egg-info", ".dist-info"))]  # fmt: skip
    assert circles(graph(provider, package)) == []


def test_the_rooms_have_fewer_than_ten_floors_and_no_circle():
    edges = rooms(graph())
    assert circles(edges) == []
    assert max(floors(edges).values()) < 10


def test_the_core_never_imports_a_tool():
    """The front door names what tools offer, and imports it only on first use."""
    wrong = {
        module: tools
        for module, others in graph().items()
        if room_of(module) not in TOOLS | {"cngcore"}
        and (tools := sorted(other for other in others if room_of(other) in TOOLS))
    }
    assert wrong == {}


def test_one_file_of_the_core_names_a_tool_in_a_string():
    """The methods of a key that read and write files find them by name (docs/decisions/key-files.md)."""
    paths = tuple(f"cngcore.{tool}" for tool in TOOLS)
    naming = {
        module
        for module, path in files(ROOT, "cngcore").items()
        if room_of(module) not in TOOLS | {"cngcore"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(paths)
    }
    assert naming == {"cngcore.objects._application"}


def test_a_private_module_of_a_package_is_imported_in_that_package_only():
    wrong = sorted(
        (module, other)
        for module, others in graph().items()
        for other in others
        if len(parts := other.split(".")) > 2 and parts[-1].startswith("_")
        and not module.startswith(".".join(parts[:-1]))
    )  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("provider", sorted((ROOT / "providers").glob("*/src")), ids=lambda path: path.parent.name)
def test_a_provider_imports_what_a_stranger_may(provider):
    allowed = {"blobs", "constants", "families", "memory", "padding", "provider", "status"}
    if provider.parent.name == "windows":
        allowed |= {"bcrypt", "windll"}  # its back end has the functions of bcrypt.h
    known = files(ROOT, "cngcore")
    for path in provider.rglob("*.py"):
        used = imports(path.read_text(), known)
        assert {room_of(name) for name in used} <= allowed, path
        assert not [name for name in used if "._" in name], path


def test_the_root_can_be_read_in_one_look():
    folders = [path for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert len(folders) <= 12
    assert len(list(PACKAGE.glob("*.py"))) <= 14


def test_each_room_has_its_tests():
    names = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert names <= {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.glob("test_*.py"))}


def sources():
    for folder in ("cngcore", "providers", "tests", "benchmarks", "fuzz", "examples", "docs"):
        yield from (ROOT / folder).rglob("*.py")


def test_one_style_of_imports():
    wrong = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sources()
        if path != Path(__file__)
        for text in LEGACY_STYLE
        if text in path.read_text()
    ]
    assert wrong == []


def test_every_module_with_code_has_annotations_as_text():
    wrong = [
        str(path.relative_to(ROOT))
        for base in (PACKAGE, *sorted((ROOT / "providers").glob("*/src")))
        for path in base.rglob("*.py")
        if any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(ast.parse(path.read_text())))
        and "from __future__ import annotations" not in path.read_text()
    ]
    assert wrong == []


# --- the rules can fail -----------------------------------------------------------------------------------------------


def test_late_and_type_only_imports_count():
    source = "if TYPE_CHECKING:\n    from a import b\ndef f():\n    import a.c\n    from a.d import e\n"
    assert imports(source, {"a", "a.b", "a.c", "a.d"}) == {"a.b", "a.c", "a.d"}


def test_a_circle_is_found_and_floors_are_counted():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [{"a", "b", "c"}]
    assert floors({"a": set(), "b": {"a"}, "c": {"a", "b"}}) == {"a": 1, "b": 2, "c": 3}
