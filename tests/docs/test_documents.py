"""What the documents name exists: paths, links, keys, ``:`` words, options, configuration."""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

import pytest

from tests.layers.test_arrows import MAY
from virttui.__main__ import _parser
from virttui.actions.registry import ACTIONS

ROOT = Path(__file__).parents[2]
FROZEN = ROOT / "tests" / "contract" / "frozen"
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = ("virttui/", "tests/", "scripts/", "docs/", "styles/", "screenshots/", ".ci/")
DECISIONS = [path for path in DOCUMENTS if path.parent.name == "decisions"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def frozen(name: str) -> list[str]:
    return (FROZEN / name).read_text().splitlines()


def blocks(text: str) -> list[str]:
    """Its blocks of code, those between fences and those that are indented."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return fenced + re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)


def quoted(text: str) -> list[str]:
    """What stands between backticks, outside of fences."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [one.replace("\\|", "|") for one in re.findall(r"`([^`\n]+)`", prose)]


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def known_keys() -> set[str]:
    """Every key of the contract, as people read it."""
    found = {key for action in ACTIONS for key in (*action.keys, *action.key.split())}
    found |= {line for line in frozen("keys-handled.txt")}
    for line in frozen("keys-of-forms.txt"):
        found.update(re.split(r"[ /]+", line.rpartition(" | ")[0]))
    for name in (
        "keys-of-the-workbench.txt",
        "keys-of-a-new-domain.txt",
        "keys-of-a-console.txt",
        "keys-of-a-guest-screen.txt",
        "keys-of-several-screens.txt",
        "keys-of-several-logs.txt",
    ):
        for line in frozen(name):
            if line.startswith("  ") and not line.startswith("   "):
                found.update(re.split(r" {2,}", line.strip())[0].split())
    found |= {key for one in frozen("keys-of-the-workbench.txt")
              for key in re.findall(r"\bctrl\+\w|\bshift\+f\d", one)}  # fmt: skip
    return found | {"/", "?", ":"}


def known_words() -> set[str]:
    """What may stand behind ``:`` first."""
    words = {line.partition(": ")[2] for line in frozen("command-words.txt")
             if not line.startswith(("told", "kind", "option"))}  # fmt: skip
    words |= {line.strip() for line in frozen("commands.txt")}
    return {word.lower() for word in words} | {"!dumpxml"}


def known_options() -> tuple[set[str], set[str]]:
    """The commands of ``virttui``, and the options of all of them."""
    parsers, commands = [_parser()], set()
    for action in parsers[0]._actions:
        if isinstance(action, argparse._SubParsersAction):
            commands = set(action.choices)
            parsers += action.choices.values()
    options = {option for one in parsers for action in one._actions
               for option in action.option_strings}  # fmt: skip
    of_the_line = {
        "--on",
        "--off",
        "--take",
        "--enter",
        "--layout",
        "--memory",
        "--at-rest",
        "--force",
    }
    return commands, options | of_the_line


KEYS, WORDS = known_keys(), known_words()
COMMANDS, OPTIONS = known_options()
A_KEY = re.compile(
    r"(?:ctrl|shift)\+\w+|f\d{1,2}|[\w<>+*/?:|\[\]]|esc|enter|tab|space|pgup|pgdn|left|right"
)


def test_the_readme_is_read_in_a_few_minutes() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if link.startswith(("https://", "http://")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link} is not there"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert anchor in map(slug, headings), f"{link} is no heading"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_paths_exist(path: Path) -> None:
    text = path.read_text()
    for one in quoted(text):
        if one.startswith(FOLDERS):
            assert (ROOT / one.split()[0]).exists(), f"there is no {one}"
    for block in blocks(text):
        for one in re.findall(r"(?<![\w./~-])scripts/[\w-]+", block):
            assert (ROOT / one).exists(), f"there is no {one}"
        for one in re.findall(r"[\w/]+\.py\b", block):
            assert any((ROOT / "virttui").rglob(one)), f"there is no {one}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_keys_do_something(path: Path) -> None:
    for one in quoted(path.read_text()):
        if A_KEY.fullmatch(one):
            assert one in KEYS, f"{one} is no key"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_words_of_the_command_line_are_understood(path: Path) -> None:
    for one in quoted(path.read_text()):
        if one.startswith(":") and len(one) > 1:
            words = one[1:].lower().split()
            starts = {" ".join(words[:count]) for count in range(1, len(words) + 1)}
            assert starts & WORDS, f"{one} is not understood"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_options_and_commands_exist(path: Path) -> None:
    text = path.read_text()
    scripts = {one.name: one.read_text() for one in (ROOT / "scripts").iterdir() if one.is_file()}
    for line in [line for block in blocks(text) for line in block.splitlines()] + quoted(text):
        if line.startswith(("mypy", "virt-", "sha256sum")):
            continue
        of_script = re.match(r"\s*scripts/([\w-]+)", line)
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line.partition("#")[0]):
            there = option in OPTIONS
            if of_script or not line.strip().startswith("virttui"):
                there |= any(option in script for script in scripts.values())
            assert there, f"{option} in {line!r} is no option"
        if command := re.match(r"\s*virttui ([a-z]+)\b", line):
            assert command[1] in COMMANDS, f"{command[1]} in {line!r} is no command"


def test_every_key_of_the_configuration_is_explained() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    settings = [line.partition(" = ")[0] for line in frozen("config-defaults.txt")]
    example = next(block for block in blocks(text) if "[[host]]" in block)
    table = tomllib.loads(example)
    shown = {name for name in table if name not in ("limits", "host")}
    shown |= {f"limits.{name}" for name in table["limits"]}
    assert shown <= set(settings)
    assert not set(settings) - shown - set(quoted(text))


def test_every_variable_of_the_environment_is_explained() -> None:
    named = set(quoted((ROOT / "docs" / "configuration.md").read_text()))
    assert not set(frozen("environment.txt")) - named


def test_the_machines_of_the_examples_have_fields_that_exist() -> None:
    known = {line.split()[0] for line in frozen("create-fields.txt") if line.startswith("  ")}
    examples = [tomllib.loads(block) for block in blocks((ROOT / "docs" / "create.md").read_text())
                if "[[machine]]" in block]  # fmt: skip
    assert examples
    for example in examples:
        for machine in (example["defaults"], *example["machine"]):
            for name, value in machine.items():
                assert not {name, *(value if isinstance(value, dict) else ())} - known - {"disk2"}


@pytest.mark.parametrize("path", DECISIONS, ids=name_of)
def test_a_decision_says_where_it_is_in_the_code(path: Path) -> None:
    for item in re.split(r"^## ", path.read_text(), flags=re.MULTILINE)[1:]:
        assert re.search(r"^Code: `", item, re.MULTILINE), item.partition("\n")[0]


def test_the_code_map_is_what_the_layers_are_held_to() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    table = text.partition("## Code map")[2].partition("## How to add")[0]
    told: dict[str, set[str]] = {}
    for names, may in re.findall(r"^\| (`.+?`) \| .*? \| ([^|]+) \|$", table, re.MULTILINE):
        for name in quoted(names):
            told[name] = set(may.split(", ")) - {"–"}
    allowed = {name: may - {"model", "__init__"} for name, may in MAY.items() if name != "__init__"}
    assert told == allowed


def test_no_page_is_left_out() -> None:
    """README leads to every page of docs, and the list of decisions to every topic."""
    for folder, index in (("docs", "README.md"), ("docs/decisions", "docs/decisions/README.md")):
        linked = re.findall(r"\]\(([^)#\s]+\.md)", (ROOT / index).read_text())
        near = {((ROOT / index).parent / link).resolve() for link in linked}
        contributing = re.findall(r"\]\(([^)#\s]+\.md)", (ROOT / "CONTRIBUTING.md").read_text())
        near |= {(ROOT / link).resolve() for link in contributing}
        assert (
            not {path.resolve() for path in (ROOT / folder).glob("*.md")}
            - near
            - {(ROOT / index).resolve()}
        )
