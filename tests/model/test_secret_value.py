"""Fields that are never shown: not by ``repr``, and not in Textual's report of a crash."""

from __future__ import annotations

from rich.pretty import pretty_repr

from virttui.libvirtxml.text.redaction import RedactedText
from virttui.model.commands import Command, DefineArguments, Target, Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.domain_spec import CloudInit
from virttui.model.secret_value import SecretBytes

KEY = ObjectId("kvm01", "u")
DEFINE = DefineArguments(Document(Kind.DOMAIN, KEY, "web"), xml="<domain s3cret/>", base="s3cret")


def test_rich_shows_no_more_than_repr() -> None:
    target = Target(Kind.DOMAIN, KEY, "web")
    for shown in (
        Command(Verb.DEFINE, target, DEFINE),
        [DEFINE],
        RedactedText("<graphics/>", ("s3cret",)),
        CloudInit(user="lee", password="s3cret"),
        Command(Verb.SET_VALUE, target, SecretBytes(b"s3cret")),
    ):
        assert "s3cret" not in repr(shown) and "s3cret" not in pretty_repr(shown)


def test_the_other_fields_are_shown_in_order() -> None:
    shown = "CloudInit(hostname='', user='lee', keys=(), network='', instance='')"
    assert repr(CloudInit(user="lee", password="s3cret")) == shown
    assert pretty_repr(CloudInit(user="lee", password="s3cret")) == shown
