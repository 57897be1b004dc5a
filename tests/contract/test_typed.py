"""Words after ``:`` and ``/``, and what the lists call their columns and groupings."""

from __future__ import annotations

import pytest

from . import inside
from .promise import hold

LINES = (
    "q", "q!", "quit", "eyes on", "eyes off", "eyes", "attention on", "attention off", "attention",
    "unhealthy", "demo", "orphans", "secrets", "nwfilters", "drafts", "leftovers", "documents",
    "topology", "sort cpu", "sort name",
    "group host", "group state", "group tag", "group network", "group off", "view mine",
    "view save x", "view delete mine", "go web-01", "go kvm01/gitlab", "go pool nvme",
    "export a.csv", "export a jsonl", "export history a.csv", "import /x/a.ova",
    "archive /x/a.vtar", "archive gitlab /x/a.vtar", "set memory 2G on web-01",
    "set nic1 link down on web-01", "set vda cache none on web-01", "set remove vdb on web-01",
    "add", "add nic on web-01", "add disk", "grow vda +5G on web-01", "move vda nvme on web-01",
    "commit vda on web-01", "pull vda on web-01", "virsh dominfo web-01", "!dominfo web-01",
    "xml", "help", "keys", "columns", "resize",
)  # fmt: skip
FILTERS = (
    "cpu>80", "cpu>=88%", "cpu<1", "mem>90%", "mem>100G", "disk>100M", "lat>3", "lat>0.005s",
    "up>30d", "up<4h", "vcpu=1", "rx>20M", "tag:web", "tag:web host:kvm01", "host:edge*",
    "state:paused", "state:running cpu>90", "name:ci-runner-0?", "!host:kvm* name:edge*",
    "-host:kvm* edge", "network:prod vcpu>8", "pool:nvme", "address:10.20.4.*", "title:*primary",
    "steal>20", "nonsense:x", "nonsense>1", "cpu>x", "cpu:80",
)  # fmt: skip


def test_the_command_line_offers_the_same_words() -> None:
    told: list[str] = []
    for pane, words in inside.commands().items():
        told += [pane, *(f"    {one}" for one in sorted(words))]
    hold("commands", told)


def test_the_command_line_takes_the_same_words() -> None:
    told = [f"{about}: {one}" for about, words in inside.own_words().items() for one in words]
    hold("command-words", sorted(told))


def test_every_phrase_means_the_same() -> None:
    """On a domain, a network and a pool: a phrase is for those that its action is for."""
    targets = {"domains": "web-01", "networks": "net kvm01/default", "storage": "pool nvme"}
    told = [
        f"{phrase} {target} -> {inside.meaning(f'{phrase} {target}', pane)}"
        for phrase in inside.own_words()["action"]
        for pane, target in targets.items()
    ]
    hold("command-phrases", told)


def test_lines_mean_the_same() -> None:
    hold("command-lines", [f"{line} -> {inside.meaning(line)}" for line in LINES])


def test_settings_have_the_same_names() -> None:
    hold("set", inside.settings_typed())


@pytest.mark.parametrize("line", ["virsh secret-set-value x", "set password y", "a://u:p@h/"])
def test_what_may_be_secret_is_not_kept(line: str) -> None:
    assert inside.keeps_secret(line) and not inside.keeps_secret("start web-01")


def test_lists_have_the_same_columns_and_fields() -> None:
    told: list[str] = []
    for name, parts in inside.lists().items():
        told.append(name)
        told += [f"    {about} {one}" for about, names in parts.items() for one in names]
    hold("lists", told)


def test_figures_are_compared_in_the_same_units() -> None:
    hold("filter-units", inside.filter_units())


def test_filters_find_the_same() -> None:
    hold("filters", [f"{one} -> {' '.join(inside.passes(one))}" for one in FILTERS])
