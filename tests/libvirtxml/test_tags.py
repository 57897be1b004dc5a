"""Tags of our own in a domain's metadata."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.parse import root_of
from virttui.libvirtxml.tags import NAMESPACE, is_tag, read_tags, tags_of, tags_xml

DOMAIN = """<domain><metadata>
  <other:thing xmlns:other="http://example.org/1"><tag>not-ours</tag></other:thing>
  <v:tags xmlns:v="urn:virttui:tags"><tag>web</tag><v:tag> db </v:tag><tag/><!-- c --></v:tags>
</metadata></domain>"""


def test_only_our_own_namespace_is_read() -> None:
    assert tags_of(root_of(DOMAIN)) == ("db", "web")
    assert tags_of(root_of("<domain/>")) == ()
    assert NAMESPACE == "urn:virttui:tags", "what is written once must be found for ever"


def test_what_is_written_is_read() -> None:
    assert read_tags(tags_xml(["web", "db", "web"])) == ("db", "web")
    assert tags_xml(["a"]) == "<tags><tag>a</tag></tags>"


@pytest.mark.parametrize("word", ["web", "k8s-node", "größe", "a.b_c", "x" * 32])
def test_a_word_is_a_tag(word: str) -> None:
    assert is_tag(word)


@pytest.mark.parametrize("word", ["", "a b", "-a", "!a", "a:b", "a,b", "x" * 33, "a\x1b", "<a>"])
def test_what_filters_and_lists_use_is_no_tag(word: str) -> None:
    assert not is_tag(word)
