"""The key map: every key, where it works, and what it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from . import inside
from .promise import hold
from .source import nodes, texts


def test_actions_have_the_same_keys() -> None:
    hold("keys", inside.actions())


def test_pages_of_keys_say_the_same() -> None:
    for name, text in inside.KEY_PAGES.items():
        hold(f"keys-of-{name.replace(' ', '-')}", text.splitlines())


def name_of(node: ast.expr) -> str:
    """The last name of an expression that is one: ``key`` of ``event.key``."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def hints() -> Iterator[str]:
    """The keys that forms, sheets and pages of their own show in their last line."""
    for _, node in nodes(inside.KEY_HINT):
        if isinstance(node, ast.Call) and name_of(node.func) == inside.KEY_HINT:
            key, words = ("/".join(texts(one)) or "…" for one in node.args[:2])
            yield f"{key} | {words}"


def test_forms_show_the_same_keys() -> None:
    hold("keys-of-forms", sorted(set(hints())))


def handled() -> Iterator[str]:
    """The keys that forms and pages take: what ``key`` is held against."""
    for _, node in nodes(rf"\btextual\b|\b{inside.EDITOR_TAB}\b"):
        if isinstance(node, ast.Compare) and name_of(node.left) == "key":
            for one in node.comparators:
                yield from texts(one)


def test_forms_take_the_same_keys() -> None:
    hold("keys-handled", sorted(set(handled())))
