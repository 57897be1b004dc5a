"""User-data and network-config of all kinds, as cloud-init takes them or not."""

from __future__ import annotations

from base64 import b64encode

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.planning.domain_spec.mime import body, parts
from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import CloudInit
from virttui.planning.domain_spec.cloud_init import user_data
from virttui.planning.domain_spec.user_data import check_user_data, network_config

CONFIG = "#cloud-config\npackage_update: true\n"
SCRIPT = "#!/bin/sh\ntouch /run/by-mime\n"


def mime(*several: tuple[str, str], head: str = "") -> str:
    """User-data as cloud-init's own tool makes it."""
    top = head or 'Content-Type: multipart/mixed; boundary="EDGE"\nMIME-Version: 1.0\n'
    found = [f"--EDGE\nContent-Type: {kind}\nMIME-Version: 1.0\n\n{text}" for kind, text in several]
    return "\n".join((top, *found, "--EDGE--\n"))


def parts_of_seed(extra: str) -> list[tuple[str, str]]:
    """What the seed says beside our own part: type and content of each part."""
    every = parts(user_data(CloudInit(user="ada", extra=check_user_data(extra, "/x.yaml"))))
    assert yaml.safe_load(body(every[0]))["user"]["name"] == "ada"
    return [(one.get_content_type(), body(one).decode()) for one in every[1:]]


def why(extra: str) -> str:
    with pytest.raises(InvalidInput) as error:
        parts_of_seed(extra)
    return error.value.message


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("#cloud-config", "text/cloud-config"),
        ("#cloud-config-archive", "text/cloud-config-archive"),
        ("#cloud-config-jsonp", "text/cloud-config-jsonp"),
        ("#cloud-boothook", "text/cloud-boothook"),
        ("#include", "text/x-include-url"),
        ("#include-once", "text/x-include-once-url"),
        ("#part-handler", "text/part-handler"),
        ("## template: jinja\n#cloud-config", "text/jinja2"),
        ("## template:jinja\n#!/bin/sh", ""),
        ("#!/usr/bin/env python3", "text/x-shellscript"),
        ("\ufeff#cloud-config", "text/cloud-config"),
    ],
)
def test_every_kind_is_known_by_its_first_line(first: str, kind: str) -> None:
    extra = f"{first}\n"
    if kind:
        assert [one for one, _ in parts_of_seed(extra)] == [kind]
    else:
        assert "begins with #cloud-config" in why(extra)


def test_parts_go_as_they_are() -> None:
    extra = mime(
        ("text/cloud-config", CONFIG), ("text/x-shellscript", SCRIPT),
        ("text/plain", "whatever it is"), ("application/x-own", "some: [thing"),
        ("text/jinja2", "## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }\n"),
    )  # fmt: skip
    kinds = [kind for kind, _ in parts_of_seed(extra)]
    assert kinds == ["text/cloud-config", "text/x-shellscript", "text/plain", "application/x-own",
                     "text/jinja2"]  # fmt: skip
    assert parts_of_seed(extra)[0][1].strip() == CONFIG.strip()
    assert parts_of_seed(extra)[1][1].startswith(SCRIPT)


@pytest.mark.parametrize(
    "head",
    [
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="EDGE"\n',
        'From nobody Tue Jan  2 03:04:05 2024\nContent-Type: multipart/mixed; boundary="EDGE"\n'
        "MIME-Version: 1.0\n",
        "content-type: multipart/mixed; boundary=EDGE\nmime-version: 1.0\nNumber-Attachments: 1\n",
    ],
)
def test_mime_is_known_by_its_headers(head: str) -> None:
    assert [kind for kind, _ in parts_of_seed(mime(("text/x-shellscript", SCRIPT), head=head))] == [
        "text/x-shellscript"
    ]


def test_encoded_parts_and_letters_are_whole() -> None:
    packed = b64encode("#cloud-config\nx: größer\n".encode()).decode()
    extra = mime(("text/cloud-config; charset=utf-8\nContent-Transfer-Encoding: base64", packed),
                 ("text/cloud-config", "#cloud-config\ny: größer\n"))  # fmt: skip
    assert [text.strip()[-6:] for _, text in parts_of_seed(extra)] == ["größer", "größer"]


def test_one_part_alone_is_taken() -> None:
    extra = f"Content-Type: text/x-shellscript\nMIME-Version: 1.0\n\n{SCRIPT}"
    assert parts_of_seed(extra) == [("text/x-shellscript", SCRIPT)]


def test_parts_join_as_a_file_would() -> None:
    extra = mime(("text/cloud-config", CONFIG),
                 ("text/cloud-config\nMerge-Type: dict(replace)", CONFIG))  # fmt: skip
    _, first, second = parts(user_data(CloudInit(extra=extra)))
    assert "list(append)" in first["Merge-Type"] and second["Merge-Type"] == "dict(replace)"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            "users:\n  - name: lee\n\tgroups: sudo\n",
            4,
            "there is a tab where only spaces are allowed",
        ),
        ("packages: [htop\n", 3, "that begins in line 2"),
        ("a: 1\n b: 2\n", 3, "mapping values are not allowed"),
        ("a: *b\n", 2, "undefined alias"),
        ("a: &x 1\nb: &x 2\n", 3, "duplicate anchor"),
        ("a: 1\n---\nb: 2\n", 3, "a second document"),
        ("- a\n- b\n", 2, "it is a list"),
        ("hello\n", 2, "not a key with a value"),
        ("a: \x07\n", 2, "a character that YAML does not allow"),
        (f"a: {'[' * 100}{']' * 100}\n", 2, "nested deeper"),
    ],
)
def test_broken_yaml_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    said = why("#cloud-config\n" + text)
    assert said.startswith(f"/x.yaml, line {line}: ") and words in said
    assert f"line {line + 2}: " in why("\n\n#cloud-config\n" + text), "where an editor shows it"


@pytest.mark.parametrize(
    "extra",
    [
        CONFIG,
        "#cloud-config\n",
        "#cloud-config\na: &x [1]\nb: *x\n",
        "#cloud-config-archive\n- type: text/plain\n",
        "#!/bin/sh\n\ta: [\n",
        "## template: jinja\n#cloud-config\n{% x",
    ],
)
def test_what_is_right_or_no_yaml_is_taken(extra: str) -> None:
    assert len(parts_of_seed(extra)) == 1


def test_broken_yaml_in_a_part_is_refused_with_its_line() -> None:
    broken = "#cloud-config\npackages: [htop\nruncmd: x\n"
    extra = mime(("text/x-shellscript", SCRIPT), ("text/cloud-config", broken))
    line = 1 + extra.split("\n").index("runcmd: x")
    assert f"line {line}" in why(extra) or f"line {line + 1}" in why(extra)
    hidden = b64encode(broken.encode()).decode()
    coded = mime(("text/cloud-config\nContent-Transfer-Encoding: base64", hidden))
    assert "of its part 1" in why(coded)
    assert why(mime(("text/plain", broken))), "told by how it begins, as cloud-init does"


def test_parts_that_cannot_be_told_apart_are_refused() -> None:
    head = "Content-Type: multipart/mixed\nMIME-Version: 1.0\n"
    assert "boundary" in why(mime(("text/cloud-config", CONFIG), head=head))
    other = 'Content-Type: multipart/mixed; boundary="OTHER"\nMIME-Version: 1.0\n'
    assert "boundary" in why(mime(("text/cloud-config", CONFIG), head=other))


@given(
    st.text(max_size=200), st.sampled_from(["", "#cloud-config\n", "Content-Type: ", "network:\n "])
)
def test_anything_is_taken_or_refused(text: str, start: str) -> None:
    for look in (lambda: parts_of_seed(start + text), lambda: network_config(start + text, "/x")):
        try:
            look()
        except InvalidInput as error:
            assert error.message


# -- network-config ----------------------------------------------------------------------------

BARE = """version: 2
ethernets:
  enp1s0:
    dhcp4: no
    match: {macaddress: "52:54:00:00:00:01"}
    addresses: [192.0.2.10/24,
      198.51.100.2/24]
    # what a person wrote
    routes:
    - to: default
      via: 192.0.2.1
"""


def wrapped(indent: int) -> str:
    lines = [f"{' ' * indent}{line}" if line.strip() else line for line in BARE.split("\n")]
    return "# mine\nnetwork:\n" + "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        BARE,
        f"---\n{BARE}",
        wrapped(1),
        wrapped(2),
        wrapped(8),
        "\ufeff" + wrapped(4),
        wrapped(2).replace("    # what a person", "# what a person"),
        wrapped(2) + "other: 1\n",
        f"network: {yaml.safe_dump(yaml.safe_load(BARE), default_flow_style=True, width=9999)}",
    ],
)
def test_it_is_the_same_with_and_without_its_key(text: str) -> None:
    assert yaml.safe_load(network_config(text, "/x")) == yaml.safe_load(BARE)


@pytest.mark.parametrize("text", ["network: {config: disabled}", "version: 1\nconfig: []\n"])
def test_other_forms_are_taken(text: str) -> None:
    assert "network" not in yaml.safe_load(network_config(text, "/x"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("network:\n  version: 2\n  ethernets:\n\teth0: {}\n", "/x, line 4: there is a tab"),
        ("ethernets: {}\n", "/x has no version"),
        ("network:\n  ethernets: {}\n", "/x has no version"),
        ("- version: 2\n", "/x, line 1: it is a list"),
        ("", "/x has no version"),
    ],
)
def test_a_broken_one_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as error:
        network_config(text, "/x")
    assert words in error.value.message
