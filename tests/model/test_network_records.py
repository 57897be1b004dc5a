"""Records of a network are the same whatever their elements look like."""

from __future__ import annotations

from virttui.model.network_records import NetworkRecord, RecordKind


def test_the_spelling_of_the_element_counts_for_nothing() -> None:
    one = NetworkRecord(RecordKind.DNS_HOST, "10.0.0.9", "nas", "<host ip='10.0.0.9'/>")
    same = NetworkRecord(RecordKind.DNS_HOST, "10.0.0.9", "nas", '<host ip="10.0.0.9"/>')
    other = NetworkRecord(RecordKind.DNS_HOST, "10.0.0.9", "printer", "<host ip='10.0.0.9'/>")
    assert one == same and not one != same and hash(one) == hash(same)  # noqa: SIM202
    assert one != other and not one == other  # noqa: SIM201
