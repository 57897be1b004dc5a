"""The texts of one document: who wrote what, and what a command carries."""

from __future__ import annotations

from tests.arguments import arguments_of
from virttui.libvirtxml.text.redaction import LOST_SECRET
from virttui.model.commands import ApplyWhen, DefineArguments, LiveChange, LiveOperation
from virttui.model.documents import Document, DocumentText
from virttui.model.identity import Kind, ObjectId
from virttui.panes.xml_editor.buffer import EditBuffer, ReloadResult, changed_elements

DOCUMENT = Document(Kind.DOMAIN, ObjectId("kvm01", "u-1"), "web")
STORED = """\
<domain>
  <name>web</name>
  <devices>
    <graphics type='vnc' passwd='s3cret'/>
  </devices>
</domain>
"""


def definition(text: str = STORED, live: str = "") -> DocumentText:
    return DocumentText(DOCUMENT, text, live)


def opened(text: str = STORED) -> EditBuffer:
    bench = EditBuffer(DOCUMENT)
    assert bench.take(definition(text), 0.0) is ReloadResult.FIRST
    return bench


def test_a_password_is_nowhere_but_in_the_command() -> None:
    bench = opened()
    for text in (bench.base, bench.text, bench.current):
        assert "s3cret" not in text and "(hidden 1)" in text
    bench.text = bench.text.replace("vnc", "spice")
    step = LiveChange(LiveOperation.UPDATE, "graphics", "<graphics passwd='(hidden 1)'/>")
    command = bench.command(ApplyWhen.BOTH, (step,), validate=True)
    definition = arguments_of(command, DefineArguments)
    assert definition.xml == STORED.replace("vnc", "spice")
    assert definition.base == STORED and "s3cret" in definition.steps[0].xml
    assert "s3cret" not in repr(command) and "s3cret" not in repr(bench.definition)


def test_what_was_not_touched_follows_and_an_edit_stays() -> None:
    bench = opened()
    theirs = STORED.replace("<name>", "<title>x</title>\n  <name>")
    assert bench.take(definition(theirs), 1.0) is ReloadResult.FOLLOWED
    assert "<title>x</title>" in bench.text and not bench.parted
    bench.text = bench.text.replace("web", "shop")
    assert bench.take(definition(), 2.0) is ReloadResult.ELSEWHERE
    assert bench.parted and bench.elsewhere == ("title",) and "shop" in bench.text


def test_a_change_that_was_taken_back_is_no_longer_told() -> None:
    bench = opened()
    bench.text += "<!-- mine -->"
    assert bench.take(definition(STORED.replace("vnc", "spice")), 1.0) is ReloadResult.ELSEWHERE
    bench.take(definition(), 2.0)
    assert not bench.parted and bench.elsewhere == ()


def test_merged_texts_are_written_over_what_was_read_last() -> None:
    bench = opened()
    bench.text = bench.text.replace("<name>web</name>", "<name>web</name>\n  <title>m</title>")
    theirs = STORED.replace("type='vnc'", "type='spice'")
    bench.take(definition(theirs), 1.0)
    bench.agree()
    found = bench.chunks()
    from virttui.libvirtxml.text.merge import merge

    text = merge(found, {})
    assert text is not None and "spice" in text and "<title>m</title>" in text
    bench.merged(text)
    assert not bench.parted and bench.edited
    assert (
        arguments_of(bench.command(ApplyWhen.NEXT_BOOT, (), validate=True), DefineArguments).base
        == theirs
    )


def test_a_draft_goes_on_from_where_it_began() -> None:
    bench = opened(STORED.replace("vnc", "spice"))
    base = bench.base.replace("spice", "vnc")
    bench.resume(base, base + "<!-- mine -->", 5.0)
    assert bench.edited and bench.parted and bench.elsewhere == ("graphics spice",)


def test_what_is_gone_is_defined_anew() -> None:
    bench = EditBuffer(DOCUMENT)
    bench.begin_missing(STORED)
    assert "s3cret" not in bench.text and not bench.why_not
    command = bench.command(ApplyWhen.NEXT_BOOT, (), validate=True)
    definition = arguments_of(command, DefineArguments)
    assert definition.base is None and definition.xml == STORED


def test_a_stand_in_without_a_password_is_told() -> None:
    bench = opened()
    bench.text = bench.text.replace("(hidden 1)", "(hidden 4)")
    assert bench.unknown() == ["(hidden 4)"]


def test_places_of_changes_are_named_once_also_where_lines_went() -> None:
    after = STORED.replace("    <graphics type='vnc' passwd='s3cret'/>\n", "")
    assert changed_elements(STORED, after) == ("graphics vnc",)
    assert changed_elements(STORED, STORED) == ()


def test_a_change_after_the_review_was_made_is_not_written_over() -> None:
    bench = opened()
    bench.text = bench.text.replace("<name>web</name>", "<name>web</name>\n  <title>m</title>")
    bench.agree()
    theirs = STORED.replace("type='vnc'", "type='spice'")
    bench.take(definition(theirs), 1.0)
    assert bench.parted, "the review has to be made anew"
    assert (
        arguments_of(bench.command(ApplyWhen.NEXT_BOOT, (), validate=True), DefineArguments).base
        == STORED
    )


def test_what_libvirt_made_of_a_write_is_the_text_also_when_it_dropped_all_of_it() -> None:
    bench = opened()
    bench.text = bench.text.replace("<name>", "<unheard/><name>")
    bench.written(definition())
    assert bench.text == bench.base == bench.current and not bench.edited


def test_gone_and_back_the_same_it_is_no_longer_missing() -> None:
    bench = opened()
    bench.mark_deleted()
    bench.take(definition(), 1.0)
    assert (
        not bench.missing
        and arguments_of(
            bench.command(ApplyWhen.NEXT_BOOT, (), validate=True), DefineArguments
        ).base
        == STORED
    )


def test_a_draft_holds_no_password_and_says_which_are_to_be_typed_again() -> None:
    bench = opened()
    bench.use(STORED.replace("s3cret", "0lder"))
    base, text = bench.unfinished()
    assert "0lder" not in base + text and "s3cret" not in base + text and "(hidden 1)" in base
    again = opened()
    again.resume(base, text, 2.0)
    assert again.unknown() == [LOST_SECRET] and not again.parted
    again.text = again.text.replace(LOST_SECRET, "0lder")
    assert not again.unknown()
    assert (
        "0lder"
        in arguments_of(again.command(ApplyWhen.NEXT_BOOT, (), validate=True), DefineArguments).xml
    )


def test_a_draft_finds_the_passwords_that_are_stored_again() -> None:
    bench = opened()
    bench.text = bench.text.replace("(hidden 1)", "s3cret").replace("vnc", "spice")
    base, text = bench.unfinished()
    assert "s3cret" not in base + text
    again = opened()
    again.resume(base, text, 2.0)
    assert not again.unknown() and not again.parted
    assert arguments_of(
        again.command(ApplyWhen.NEXT_BOOT, (), validate=True), DefineArguments
    ).xml == STORED.replace("vnc", "spice")


def test_what_comes_back_while_a_draft_is_open_does_not_replace_it() -> None:
    bench = EditBuffer(DOCUMENT)
    bench.mark_deleted()
    bench.resume("<domain/>", "<domain><title>mine</title></domain>", 0.0)
    assert bench.take(definition(), 1.0) is ReloadResult.ELSEWHERE
    assert "mine" in bench.text and bench.parted and not bench.missing
