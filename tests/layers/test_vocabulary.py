"""Names of classes and modules are libvirt's and the field's own words, no metaphors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.layers.test_arrows import PACKAGE, assert_none, modules, name_of, nodes

# Words that once named classes here, and told nothing to somebody who knows libvirt. A word that
# the field uses for something else (a "backing chain", a "snapshot tree") is not among them.
METAPHORS = frozenset(
    """
    agreed aids arrival asking asker bench blueprint chosen cut deed deeds desk drawn eater eaters
    ears eyes founding fresh given ground grounds guess hand handing hands happening heads held
    hold kept knows leaf ledger leftover look looked made maker making meal meant measures nearby
    newborn newcomer newborns news offering order orders own parcel parcels past pick picture
    pieces plug plugs promise promises recipe recipes rope rota shelf shelves shipped shown sheet
    sight sites sought spot stage stall story student study survey told telling thinking thinks
    trials tried trouble turns usual wanted wants wish wishes witness workbench workshop world
    wrapping
    """.split()  # noqa: SIM905  (a list of a hundred words is read as a text)
)


# Words of that list that functions, methods and parameters may have: a "boot order", an "own"
# address, an option that was "chosen", and ``look``, the ``RenderContext`` that is drawn with.
PLAIN_IN_CODE = frozenset(
    """
    chosen cut hand kept look made order orders own shown trouble turns usual wanted
    """.split()  # noqa: SIM905
)


def words_of(name: str) -> Iterator[str]:
    """The words of a class or module name, in lower case."""
    for part in name.split("_"):
        yield from (word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", part))


def classes(path: Path) -> list[str]:
    """The public classes of a module."""
    body = next(node.body for node in nodes(path) if isinstance(node, ast.Module))
    return [n.name for n in body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]


def functions(path: Path) -> Iterator[str]:
    """The functions, methods and parameters of a module."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
            arguments = node.args
            for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                yield one.arg


def metaphors(name: str, words: frozenset[str]) -> list[str]:
    """Those of some words that a name has."""
    return sorted(words.intersection(words_of(name)))


def test_functions_and_parameters_are_named_so_too() -> None:
    assert_none(
        f"{name_of(path)}: {name} says {', '.join(found)}: name what it is"
        for path in modules()
        for name in functions(path)
        if (found := metaphors(name, METAPHORS - PLAIN_IN_CODE))
    )


def test_names_are_words_of_the_field() -> None:
    assert_none(
        f"{name_of(path)}: {name} says {', '.join(found)}: name what it is"
        for path in modules()
        for name in (*path.relative_to(PACKAGE).with_suffix("").parts, *classes(path))
        if (found := metaphors(name, METAPHORS))
    )


def test_no_folder_is_too_full_or_too_deep() -> None:
    for folder in {path.parent for path in modules()}:
        inside = folder.relative_to(PACKAGE.parent)
        assert len(inside.parts) <= 3, f"{inside} is too deep"
        assert len(list(folder.glob("*.py"))) <= 20, f"{inside} has more than 20 modules"
