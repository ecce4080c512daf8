"""What a stranger may rely on to map the package: its rooms, their faces, and how large each is."""

import ast
import io
import tokenize
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "analysis"
SIZES = {
    "kit": 937,
    "tables": 526,
    "restore": 2981,
    "evidence": 199,
    "reading": 1830,
    "text": 1463,
    "words": 1296,
    "themes": 1825,
    "indicators": 3216,
    "reuse": 920,
    "figures": 4580,
    "bundle": 1209,
    "panel": 1321,
    "study": 4868,
    "pages": 546,
    "batch": 2959,
    "explore": 1428,
    "cli": 1246,
}
"""The rooms, from the ground up, and the lines of code (`code`) that each has at most.

A number here only falls, but for a new thing that the CHANGELOG names. A room imports from those
above it in this list only.
"""

FACE = 25
SCREEN = 80


def opened(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((PACKAGE / room).rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def code(source: str) -> int:
    """Lines that hold code: no blank line, comment, docstring or import."""
    tree, left_out = ast.parse(source), set()
    for node in ast.walk(tree):
        said = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.Import | ast.ImportFrom) or (
            said and isinstance(node.value.value, str)
        ):
            left_out |= set(range(node.lineno, node.end_lineno + 1))
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    held = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in silent | {tokenize.ENDMARKER}
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(held - left_out)


def exported(room: str) -> set[str]:
    """The names on a room's face: what it lists, or what it takes over from a module whole."""
    names: set[str] = set()
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            names |= set(ast.literal_eval(node.value))
        if isinstance(node, ast.ImportFrom) and not node.module:
            names |= {one.name for one in node.names}
    return names


def across(path: Path, tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """What a module imports from other rooms: room, name, and where that stands."""
    own = path.relative_to(PACKAGE).parts[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not any(one.name.startswith("analysis.") for one in node.names), path
        if not isinstance(node, ast.ImportFrom) or node.level:
            continue
        at, (top, *parts) = f"{path}:{node.lineno}", (node.module or "").split(".")
        if top != "analysis":
            continue
        assert len(parts) < 2, f"{at} goes past the face of {parts[0]}"
        for alias in node.names:
            if parts:
                yield parts[0], alias.name, at
            elif alias.name != "__version__":
                yield alias.name, "", at
    assert own in SIZES


def test_the_package_is_its_rooms_and_nothing_else() -> None:
    found = {path.name for path in PACKAGE.iterdir()} - {"__pycache__"}
    assert found == {*SIZES, "__init__.py", "__main__.py"}
    assert len(SIZES) <= 18


def test_a_face_is_short_and_names_what_is_there() -> None:
    for room in SIZES:
        face = PACKAGE / room / "__init__.py"
        assert len(face.read_text("utf-8").splitlines()) <= FACE, face
        assert ast.get_docstring(ast.parse(face.read_text("utf-8"))), face


def test_a_room_knows_the_faces_of_those_above_it_only() -> None:
    rooms = [*SIZES]
    for room in rooms:
        for path, tree in opened(room):
            for other, name, at in across(path, tree):
                assert rooms.index(other) < rooms.index(room), f"{at}: {other} is no ground of it"
                assert not name or name in exported(other), f"{at}: {name} is not on its face"


def test_imports_run_in_no_circle() -> None:
    """Within a room: across rooms the order forbids it."""
    for room in SIZES:
        modules = {path.stem for path, _ in opened(room)} - {"__init__"}
        graph: dict[str, set[str]] = {}
        for path, tree in opened(room):
            found = graph.setdefault(path.stem, set())
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.level:
                    assert node.level == 1, path
                    named = {node.module} if node.module else {one.name for one in node.names}
                    found |= named & modules
        graph.pop("__init__")
        TopologicalSorter(graph).prepare()


def test_no_room_grows() -> None:
    sizes = {room: sum(code(path.read_text("utf-8")) for path, _ in opened(room)) for room in SIZES}
    grown = {room: n for room, n in sizes.items() if n > SIZES[room]}
    assert not grown, f"take code out, or set SIZES to {grown} and name the new thing in CHANGELOG"


def test_what_is_counted_is_code() -> None:
    source = '"""Doc\nstring."""\n\nimport os\n\n# why\nA = 1\n"""What A is."""\nB = """a\nb"""\n'
    assert code(source) == 3


def test_no_function_is_longer_than_a_screen() -> None:
    for room in SIZES:
        for path, tree in opened(room):
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = node.end_lineno - node.lineno + 1
                    assert lines <= SCREEN, f"{path}: {node.name} has {lines} lines"
