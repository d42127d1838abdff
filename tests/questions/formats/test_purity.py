"""The readers and writers stand on the rules alone: bytes in, items out."""

import ast
import sys
from pathlib import Path

from ecs_training.questions import formats

FOLDER = Path(formats.__file__).parent
OURS = ("ecs_training.questions.formats", "ecs_training.questions.rules")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_formats_import_rules_and_safe_xml_and_nothing_else() -> None:
    strangers = {
        f"{path.name}: {name}"
        for path in FOLDER.glob("*.py")
        for name in imported(path)
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "defusedxml"}
        and not name.startswith(OURS)
    }
    assert strangers == set()
    assert len(list(FOLDER.glob("*.py"))) > 20
