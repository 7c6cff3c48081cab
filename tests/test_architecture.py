"""The house: imports go down, files and functions stay short, and the surfaces use the front door."""

import ast
import re
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "rag").rglob("*.py"))
EVALS = sorted((ROOT / "evals").rglob("*.py"))
# The rooms from the ground up. A room imports from rooms that stand before it, and from inside itself.
ROOMS = """
    types errors cases language orders evidence prompts settings interpreter
    reading chunking copies quantizing packing embedding
    schema records database originals presence transcripts purging library conversations
    indexes sources unpacking ingest intake jobs doctor viewing
    reranking retrieval condensing decomposing writing checking citing conflicts answering chain comparing
    suggesting exporting opening console commands cli web
""".split()


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "rag").parts[0].removesuffix(".py")


def imported(path: Path) -> list[str]:
    """Every module of ours that a file imports, wherever the import stands."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it goes"
            module = node.module or ""
            found += [f"rag.{name.name}" for name in node.names] if module == "rag" else [module]
    return [module for module in found if module.split(".")[0] == "rag"]


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(node.name, (node.end_lineno or 0) - node.lineno + 1) for node in ast.walk(tree) if isinstance(node, kinds)]


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room_of(path) for path in FILES} - {"__init__"} <= set(ROOMS)
    assert len(ROOMS) == len(set(ROOMS))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_down(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    below = ROOMS[: ROOMS.index(room) + 1]
    for module in imported(path):
        target = module.split(".")[1] if "." in module else "the front door"
        if room in ("cli", "web") and (target in rag.__all__ or target == "the front door"):
            continue
        assert target in below, f"{room} imports {module}, which stands above it"


@pytest.mark.parametrize("path", [*FILES, *EVALS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_is_under_300_lines_and_its_functions_under_40(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 300
    assert [name for name, lines in functions(path) if lines >= 40] == []


def test_only_the_edges_read_the_environment() -> None:
    # Setting a switch for a library of somebody else's is not reading ours.
    readers = {
        room_of(path)
        for path in FILES
        if any(word in path.read_text(encoding="utf-8") for word in ("os.getenv", "os.environ[", "os.environ.get"))
    }
    assert readers <= {"cli", "web", "settings", "reading"}


def test_modules_do_no_work_when_they_are_imported() -> None:
    defined = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    allowed = (*defined, ast.Assign, ast.AnnAssign, ast.If)
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            assert docstring or isinstance(node, allowed), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.If):
                assert ast.unparse(node.test) in ("TYPE_CHECKING", "__name__ == '__main__'"), (
                    f"{path.name}:{node.lineno}"
                )


def test_every_browser_component_has_a_name_of_its_own() -> None:
    # Streamlit keeps one of a name: the second would be drawn by the first one's script once both were asked for.
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "rag" / "web").rglob("*.py")]
    names = [name for text in texts for name in re.findall(r"\bcomponent\(\s*\"(\w+)\"", text)]
    assert len(names) > 5
    assert sorted(names) == sorted(set(names))


def test_every_public_function_and_class_says_what_it_is() -> None:
    bare = []
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{path.name} does not say what it is"
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                bare += [] if ast.get_docstring(node) else [f"{path.name}: {node.name}"]
    assert set(bare) == set()
