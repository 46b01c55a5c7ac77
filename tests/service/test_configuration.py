"""Settings: where a value comes from, and how faults are told."""

from pathlib import Path

import pytest

from service.configuration import check_roots, load_settings
from service.errors import UsageError
from service.places import split_listen


def test_command_line_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text("timeout = 1.0\nconcurrency = 1\nmax_redirects = 1\n")
    environ = {"MASTHEAD_TIMEOUT": "2", "MASTHEAD_CONCURRENCY": "2"}
    loaded = load_settings({"timeout": "3"}, environ, file)
    assert (loaded.settings.timeout, loaded.settings.concurrency, loaded.settings.max_redirects) == (
        3.0,
        2,
        1,
    )
    assert loaded.origins["timeout"] == "command line"
    assert loaded.origins["concurrency"] == "environment"
    assert loaded.origins["max_redirects"] == f"file {file}"
    assert loaded.origins["method"] == "default"


def test_all_faults_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text('method = "post"\nspeed = 9\n')
    with pytest.raises(UsageError) as caught:
        load_settings({"timeout": "soon"}, {"MASTHEAD_ALLOW_NET": "10.0.0.0/8, nowhere"}, file)
    faults = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 4
    assert "command line: --timeout: " in faults
    assert "'soon'" in faults
    assert "environment: MASTHEAD_ALLOW_NET: expected a network" in faults
    assert f"file {file}: method: " in faults
    assert f"file {file}: speed: there is no such setting" in faults


@pytest.mark.parametrize(
    ("value", "expected"),
    [("10.0.0.0/8", ("10.0.0.0/8",)), ("10.0.0.0/8,::1", ("10.0.0.0/8", "::1/128")), ("", ())],
)
def test_a_list_in_the_environment_is_split(value: str, expected: tuple[str, ...]) -> None:
    assert load_settings({}, {"MASTHEAD_ALLOW_NET": value}).settings.allow_net == expected


def test_headers_in_the_environment_stand_on_lines_of_their_own() -> None:
    environ = {"MASTHEAD_HEADER": "A: 1, 2\nB: 3\n"}
    assert load_settings({}, environ).settings.header == ("A: 1, 2", "B: 3")


@pytest.mark.parametrize("value", ["192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:53", "2001:db8::53"])
def test_a_resolver_is_an_address_with_or_without_a_port(value: str) -> None:
    assert load_settings({"resolver": value}, {}).settings.resolver == value


@pytest.mark.parametrize("value", ["dns.example", "192.0.2.53:0", "192.0.2.53:x", ""])
def test_a_resolver_that_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="--resolver: expected an address"):
        load_settings({"resolver": value}, {})


@pytest.mark.parametrize(
    ("value", "split"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        (":65535", ("", 65_535)),
        ("masthead.example:80", ("masthead.example", 80)),
    ],
)
def test_what_is_listened_on_is_a_host_and_a_port(value: str, split: tuple[str, int]) -> None:
    assert load_settings({"listen": value}, {}).settings.listen == value
    assert split_listen(value) == split


@pytest.mark.parametrize(
    "value", ["", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "::1:80", "[::1]", "a:65536", "a:²"]
)
def test_what_is_no_host_and_port_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="--listen: expected HOST:PORT"):
        load_settings({"listen": value}, {})


def test_a_file_that_is_no_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text("timeout = \n")
    with pytest.raises(UsageError, match=r"masthead\.toml: expected TOML: .*line 1"):
        load_settings({}, {}, file)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text("timeout = 3\n", encoding="utf-8-sig")
    assert load_settings({}, {}, file).settings.timeout == 3


def test_a_file_that_is_absent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load_settings({}, {}, tmp_path / "absent.toml")


def test_a_token_is_shown_neither_in_the_settings_nor_in_a_fault() -> None:
    settings = load_settings({}, {"MASTHEAD_TOKEN": "hunter2"}).settings
    assert "hunter2" not in repr(settings)
    with pytest.raises(UsageError) as caught:
        load_settings({"token": 12_345}, {})
    assert "12345" not in str(caught.value)


def test_each_value_is_told_what_is_expected_what_came_and_where(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text("concurrency = 5.5\nallow_net = 10\ninsecure = 2\n")
    with pytest.raises(UsageError) as caught:
        load_settings(
            {"timeout": "0", "allow_port": ("80", "x", "0")},
            {"MASTHEAD_METHOD": "Post", "MASTHEAD_FIELD_LIMIT": ""},
            file,
        )
    port = "command line: --allow-port: expected a whole number, at least 1 and at most 65535, got"
    assert caught.value.faults == (
        f"file {file}: concurrency: expected a whole number, at least 1 and at most 100000, got 5.5",
        "command line: --timeout: expected a number of seconds, more than 0 and at most 3600, got '0'",
        "environment: MASTHEAD_METHOD: expected auto, head or get, got 'Post'",
        f"file {file}: insecure: expected true or false, got 2",
        f"file {file}: allow_net: expected a list, got 10",
        f"{port} 'x'",
        f"{port} '0'",
        "environment: MASTHEAD_FIELD_LIMIT: expected a whole number, at least 1, got ''",
    )


def test_a_header_a_check_and_a_file_of_roots_are_judged_with_the_rest(tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_text("nothing")
    with pytest.raises(UsageError) as caught:
        load_settings(
            {"header": ("Secret",), "checks": "nope"}, {"MASTHEAD_CA_FILE": str(tmp_path / "roots.pem")}
        )
    faults = sorted(caught.value.faults)
    assert [fault.partition(": expected")[0] for fault in faults] == [
        "command line: --checks",
        "command line: --header",
        "environment: MASTHEAD_CA_FILE",
    ]
    assert "Secret" not in "".join(faults)


def test_roots_that_the_environment_names_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "roots.pem").touch()
    check_roots({})
    check_roots({"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""})
    check_roots({"SSL_CERT_FILE": str(tmp_path / "roots.pem"), "SSL_CERT_DIR": f"/nowhere:{tmp_path}"})
    with pytest.raises(UsageError) as caught:
        check_roots({"SSL_CERT_FILE": str(tmp_path), "SSL_CERT_DIR": "/nowhere"})
    assert caught.value.faults == (
        f"environment: SSL_CERT_FILE: expected a PEM file that can be read, got '{tmp_path}'",
        "environment: SSL_CERT_DIR: expected a directory, got '/nowhere'",
    )


def test_a_misspelt_setting_of_a_file_is_told_what_it_may_mean(tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text("tiemout = 1\n")
    with pytest.raises(UsageError, match="did you mean timeout"):
        load_settings({}, {}, file)
