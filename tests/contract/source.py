"""The package's source, read for what no call shows: keys of forms, variables of the environment.

It goes by the keys and names that users know, not by names of the code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "virttui"


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(_text(path))


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def nodes(words: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node of the files that match a pattern, with the text of its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if re.search(words, _text(path)):
            yield from ((_text(path), node) for node in ast.walk(_parsed(path)))


def texts(node: ast.AST) -> list[str]:
    """The constant texts in a node."""
    return [
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
