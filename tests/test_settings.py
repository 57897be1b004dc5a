"""Settings from a file: what is right is taken, what is wrong is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from virttui import settings
from virttui.model.errors import InvalidInput

GOOD = """
interval = 2
theme = "light"
attention_first = false

[[host]]
name = "kvm01"
uri = "qemu+ssh://root@kvm01/system"

[[host]]
uri = "test:///default"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_a_good_file(tmp_path: Path) -> None:
    found = settings.read(write(tmp_path, GOOD))
    assert found.interval == 2.0 and found.theme == "light" and not found.attention_first
    assert [(host.id, host.uri) for host in found.hosts] == [
        ("kvm01", "qemu+ssh://root@kvm01/system"),
        ("test:///default", "test:///default"),
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("eyes_first = false", False),
        ("eyes_first = true\nattention_first = false", False),
        ("attention_first = true\neyes_first = false", True),
    ],
)
def test_an_older_name_of_a_setting_is_read(tmp_path: Path, text: str, first: bool) -> None:
    assert settings.read(write(tmp_path, text)).attention_first is first


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("interval = 'x'", "interval needs"),
        ("interval = 0", "from 0.2 to 3600"),
        ("theme = 'pink'", "theme needs one of"),
        ("colour = 1", "no setting colour"),
        ("slow = 1", "slow needs true or false"),
        ("shutdown_wait = 0", "at least 1"),
        ("shutdown_wait = inf", "at least 1"),
        ("[limits]\ncpu = nan", "a number above 0"),
        ("[limits]\ncpu = inf", "a number above 0"),
        ("explicit = true", "no setting explicit"),
        ("[host]\nuri='x'", "[[host]]"),
        ("[[host]]\nname='x'", "needs a uri"),
        ("[[host]]\nuri='a'\n[[host]]\nuri='a'", "two hosts called a"),
        ("a = ", "not valid TOML"),
    ],
)
def test_a_bad_file_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says.replace("[", r"\[")) as caught:
        settings.read(write(tmp_path, text))
    assert str(tmp_path) in caught.value.message or "--interval" in caught.value.message


def test_the_usual_file_need_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings.read().hosts == ()
    with pytest.raises(InvalidInput, match="does not exist"):
        settings.read(tmp_path / "named.toml")


def test_the_default_is_the_environments() -> None:
    found = settings.default_hosts({"LIBVIRT_DEFAULT_URI": "test:///default"})
    assert [host.uri for host in found] == ["test:///default"]
    assert settings.default_hosts({})[0].uri.startswith("qemu:")


def test_the_same_uri_twice_is_one_host() -> None:
    assert len(settings.specs(["test:///default", "test:///default"])) == 1


@pytest.mark.parametrize("text", ["x", "", "0", "-1", "nan", "inf", "1e9"])
def test_a_bad_interval_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        settings.interval_of(text)


def test_styles_are_found() -> None:
    assert list(settings.styles_folder().glob("*.tcss"))


@pytest.mark.parametrize(
    ("environment", "plain"),
    [
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "", "LC_CTYPE": "", "LANG": "C"}, True),
        ({"LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),
        ({"LC_ALL": "POSIX"}, True),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}, False),
    ],
)
def test_the_locale_c_has_no_more_than_ascii(environment: dict[str, str], plain: bool) -> None:
    assert settings.plain_locale(environment) is plain
