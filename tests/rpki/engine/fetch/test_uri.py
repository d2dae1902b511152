"""An address means one thing, and names a place that may be asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.fetch.uri import (
    dubious,
    file_uri,
    folder_uri,
    https_uri,
    object_uri,
    private,
)


@pytest.mark.parametrize(
    "text",
    [
        "rsync://rpki.example.net/repo/a.cer",
        "rsync://rpki.example.net:8873/repo/a/b/c_d-e.f,g=h@i.mft",
        "rsync://localhost/repo/...",
        "rsync://1.2.3.4/m/-rf",
        "rsync://a-b.c0/m/~a!$&'()*+;:x",
    ],
)
def test_a_sound_address_of_an_object_stays_as_it_is(text: str) -> None:
    assert object_uri(text) == text


def test_scheme_and_host_know_no_case_and_the_usual_port_needs_no_mention() -> None:
    assert object_uri("RSYNC://RPKI.Example.NET:873/Repo/A.cer") == (
        "rsync://rpki.example.net/Repo/A.cer"
    )
    assert str(https_uri("HTTPS://RRDP.Example.net:443/N.xml")) == "https://rrdp.example.net/N.xml"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rsync://",
        "rsync://h",
        "rsync://h/",
        "rsync://h/m",
        "rsync://h/m/",
        "rsync://h/m/a/",
        "rsync://h//a",
        "rsync://h/m//a",
        "rsync://h/m/./a",
        "rsync://h/m/..",
        "rsync://h/../a",
        "rsync://../m/a",
        "rsync://h/m/a\\b",
        "rsync://h/m/a\0b",
        "rsync://h/m/a\n",
        "rsync://h/m/a%2fb",
        "rsync://h/m/a?b",
        "rsync://h/m/a#b",
        "rsync://h/m/a b",
        "rsync://h/m/ａ",
        "rsync://u@h/m/a",
        "rsync://u:p@h/m/a",
        "rsync://-h/m/a",
        "rsync://h-/m/a",
        "rsync://h..i/m/a",
        "rsync://h./m/a",
        "rsync://.h/m/a",
        "rsync://h_i/m/a",
        "rsync://[::1]/m/a",
        "rsync://h:/m/a",
        "rsync://h:0/m/a",
        "rsync://h:08/m/a",
        "rsync://h:65536/m/a",
        "rsync://h:+1/m/a",
        "rsync://" + "a" * 64 + "/m/a",
        "rsync://" + "a." * 130 + "b/m/a",
        "rsync://h/m/" + "a" * 256,
        "rsync://h/m" + "/a" * 33,
        "rsync://h/m" + ("/" + "a" * 200) * 11,
        "rsync:/h/m/a",
        "rsync:h/m/a",
        "http://h/m/a",
        "file:///m/a",
        " rsync://h/m/a",
    ],
)
def test_an_address_that_could_mean_two_things_is_refused(text: str) -> None:
    for reader in (object_uri, file_uri):
        with pytest.raises(ExchangeRefused, match="the address"):
            reader(text)
    with pytest.raises(ExchangeRefused):
        https_uri(text.replace("rsync", "https", 1).replace("https://h/m", "https://h//m"))


@pytest.mark.parametrize("path", ["", "/", "/a/", "//a", "/a//b", "/../a", "/%61", "/a?b", "/a#b"])
def test_a_web_address_is_as_strict(path: str) -> None:
    with pytest.raises(ExchangeRefused):
        https_uri(f"https://rrdp.example.net{path}")


def test_only_https_is_a_web_address() -> None:
    with pytest.raises(ExchangeRefused):
        https_uri("http://rrdp.example.net/n.xml")


def test_a_folder_ends_in_a_slash() -> None:
    assert folder_uri("rsync://h.net:1/m/") == ("h.net", 1, "m", "/")
    assert str(folder_uri("rsync://h.net/m/a/")) == "rsync://h.net/m/a/"
    with pytest.raises(ExchangeRefused):
        folder_uri("rsync://h.net/m")


def test_one_origin_is_one_host_and_port() -> None:
    here = https_uri("https://h.net/a").origin

    assert https_uri("https://H.NET:443/b/c").origin == here
    assert https_uri("https://h.net:444/a").origin != here
    assert https_uri("https://i.h.net/a").origin != here


@pytest.mark.parametrize(
    "host",
    ["localhost", "a.localhost", "127.0.0.1", "127.1", "0x7f.1", "10", "intranet", "db.internal",
     "printer.local", "a.test", "b.example", "x.home.arpa", "hidden.onion"],
)  # fmt: skip
def test_no_public_repository_bears_such_a_name(host: str) -> None:
    assert dubious(host)


@pytest.mark.parametrize("host", ["rpki.ripe.net", "rrdp.krnic.or.kr", "a.b1"])
def test_a_public_name_is_not_dubious(host: str) -> None:
    assert not dubious(host)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *((text, True) for text in ("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1")),
        *((text, True) for text in ("169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1")),
        *((text, True) for text in ("::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "?")),
        *((text, False) for text in ("193.0.6.158", "2001:67c:2e8::1", "::ffff:193.0.6.158")),
    ],
)
def test_an_address_of_an_own_network_is_private(address: str, expected: bool) -> None:
    assert private(address) is expected


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for begin in ("", "rsync://", "rsync://h/", "rsync://h/m/", "https://h/"):
        for reader in (object_uri, folder_uri, file_uri, https_uri):
            try:
                found = str(reader(begin + text))
            except ExchangeRefused:
                continue
            assert str(reader(found)) == found
            assert "/../" not in found + "/"
            assert found.isascii()
