"""The commands: from an empty folder to a published registry, with the key at hand or offline."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madang.cli import main
from madang.rpki.engine.resources.prefix import read_prefix
from tests.rpki.engine.making import peers

SECRET = {"MADANG_RPKI_PASSPHRASE": "correct horse battery"}
MODULE, WEB = "rsync://localhost/repo/", "https://localhost/rrdp/"


def run(*words: str | Path, code: int = 0) -> Result:
    """`madang rpki ca …`."""
    found = CliRunner().invoke(main, ["rpki", "ca", *map(str, words)], env=SECRET)
    assert found.exit_code == code, found.output
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A registry with one member."""
    made = tmp_path / "ca"
    run("init", "top", "--resources", "10.0.0.0/8, AS64496-AS64511", "--module", MODULE,
        "--web", WEB, "--folder", made, "--by", "kim")  # fmt: skip
    run("member", "add", "one", "10.1.0.0/16, AS64496", "--parent", "top", "--folder", made)
    return made


@pytest.mark.rpki_peers
def test_a_newcomer_publishes_what_validators_believe(folder: Path) -> None:
    run("roa", "add", "one", "10.1.0.0/16", "AS64496", "--max-length", "24", "--folder", folder)
    run("aspa", "set", "one", "AS64496", "AS64499", "AS64498", "--folder", folder)
    run("roll", "one", "begin", "--folder", folder)
    run("roll", "one", "activate", "--hasten", "--folder", folder)
    run("roll", "one", "finish", "--folder", folder)

    found = peers.rpki_client(
        (folder / "www/rsync/current").resolve(), (folder / "top.tal").read_text()
    )

    assert found.vrps == {(*read_prefix("10.1.0.0/16"), 24, 64496)}, found.log


def test_status_tells_what_stands_and_what_no_certificate_covers(folder: Path) -> None:
    run("roa", "add", "one", "10.1.0.0/16", "AS64496", "--folder", folder)
    run("aspa", "set", "one", "AS64496", "AS64499", "--folder", folder)

    shown = json.loads(run("status", "--folder", folder, "--json").output)["authorities"]
    assert [each["handle"] for each in shown] == ["top", "one"]
    assert shown[1]["files"] == {"roa": 1, "asa": 1, "crl": 1, "mft": 1}
    assert shown[1]["resources"] == "10.1.0.0/16, AS64496"

    run("member", "set", "one", "10.1.0.0/17", "--parent", "top", "--folder", folder)
    lost = run("status", "--folder", folder, code=1)
    assert "AS64496 10.1.0.0/16-16" in lost.output


def test_a_file_of_intents_goes_in_and_out(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        "ASN,IP Prefix,Max Length\nAS64496,10.1.0.0/16,24\nAS64496,10.1.2.0/24,\n"
    )
    (tmp_path / "bad.csv").write_text("ASN,IP Prefix,Max Length\nAS1,10.1.3.0/24,\nAS1,x,\n")
    (tmp_path / "less.csv").write_text("ASN,IP Prefix,Max Length\nAS64496,10.1.2.0/24,24\n")

    tried = run("roa", "import", "one", tmp_path / "in.csv", "--dry-run", "--folder", folder,
                "--json")  # fmt: skip
    assert json.loads(tried.output)["done"] is False
    assert len(json.loads(tried.output)["signed"]) == 2
    run("roa", "import", "one", tmp_path / "in.csv", "--folder", folder)
    refused = run("roa", "import", "one", tmp_path / "bad.csv", "--folder", folder, code=3)
    assert "3" in refused.output
    run("roa", "import", "one", tmp_path / "less.csv", "--replace", "--folder", folder)

    shown = run("roa", "list", "one", "--folder", folder)
    assert shown.output == (tmp_path / "less.csv").read_text().replace(",24\n", ",24\n")


def test_who_did_what_is_kept(folder: Path) -> None:
    run("roa", "add", "one", "10.1.0.0/16", "64496", "--folder", folder, "--by", "lee")
    run("roa", "remove", "one", "10.1.0.0/16", "64496", "--folder", folder, "--by", "choi")

    shown = json.loads(run("history", "one", "--folder", folder, "--json").output)["history"]

    assert [(each["who"], each["act"]) for each in shown] == [
        ("lee", "change intents"), ("choi", "change intents")
    ]  # fmt: skip
    first = json.loads(run("history", "--folder", folder, "--json").output)["history"][0]
    assert (first["who"], first["act"]) == ("kim", "create anchor")


def test_what_cannot_be_done_ends_with_3_and_a_reason(folder: Path) -> None:
    for words in (
        ("roa", "add", "one", "10.2.0.0/16", "AS1"),
        ("roa", "add", "nobody", "10.1.0.0/16", "AS1"),
        ("roa", "remove", "one", "10.1.0.0/16", "AS1"),
        ("roa", "list", "nobody"),
        ("aspa", "remove", "one", "AS64496"),
        ("member", "add", "two", "10.1.0.0/24", "--parent", "top"),
        ("member", "remove", "two", "--parent", "top"),
        ("roll", "one", "finish"),
        ("ceremony", "request", "top", "/tmp/never"),
    ):
        found = run(*words, "--folder", folder, code=3)
        assert "expected" in found.output
    run("init", "top", "--resources", "AS1", "--module", MODULE, "--web", WEB,
        "--folder", folder, code=3)  # fmt: skip
    run("status", "--folder", folder / "nowhere", code=3)
    wrong = CliRunner().invoke(
        main, ["rpki", "ca", "status", "--folder", str(folder)],
        env={"MADANG_RPKI_PASSPHRASE": "another passphrase"},
    )  # fmt: skip
    assert wrong.exit_code == 3


@pytest.mark.rpki_peers
def test_an_anchor_signs_in_a_ceremony(tmp_path: Path) -> None:
    folder, keys = tmp_path / "ca", tmp_path / "offline"
    made = json.loads(run("ceremony", "key", tmp_path / "public", "--keys", keys, "--json").output)
    run("init", "top", "--resources", "10.0.0.0/8", "--module", MODULE, "--web", WEB,
        "--offline", tmp_path / "public", "--folder", folder)  # fmt: skip

    def held() -> None:
        run("ceremony", "request", "top", tmp_path / "asked", "--folder", folder)
        assert "10." in run("ceremony", "describe", tmp_path / "asked").output
        run("ceremony", "sign", tmp_path / "asked", tmp_path / "answer", "--key", made["key"],
            "--keys", keys)  # fmt: skip
        run("ceremony", "accept", "top", tmp_path / "answer", "--folder", folder)

    held()
    run("ceremony", "request", "top", tmp_path / "asked", "--folder", folder, code=1)
    run("member", "add", "one", "10.1.0.0/16", "--parent", "top", "--folder", folder)
    held()
    run("roa", "add", "one", "10.1.0.0/16", "AS64496", "--folder", folder)
    done = run("publish", "--folder", folder, "--json")

    assert json.loads(done.output)["files"] == 7  # anchor, certificate, ROA, 2 CRLs, 2 manifests
    found = peers.fort((folder / "www/rsync/current").resolve(), (folder / "top.tal").read_text())
    assert found.vrps == {(*read_prefix("10.1.0.0/16"), 16, 64496)}, found.log


@pytest.mark.rpki_peers
def test_a_child_elsewhere_is_set_up_by_files_and_certified_over_the_web(tmp_path: Path) -> None:
    import subprocess
    import sys

    one, two = tmp_path / "one", tmp_path / "two"
    port = free_port()
    addresses = ("--module", MODULE, "--web", WEB, "--service", f"http://127.0.0.1:{port}/")
    run("init", "top", "--resources", "10.0.0.0/8, AS1-AS9", *addresses, "--folder", one)
    run("init", "kid", "--module", "rsync://localhost/other/", "--web", WEB, "--folder", two)
    asked, answer = two / "kid-request.xml", tmp_path / "answer.xml"
    run("child", "add", asked, "10.1.0.0/16, AS1", answer, "--parent", "top", "--folder", one)
    run("parent", "add", "kid", "up", answer, "--folder", two)
    run("parent", "add", "kid", "up", asked, "--folder", two, code=3)
    run("publisher", "add", asked, answer, "--folder", one, code=3)
    run("publisher", "ask", two / "ask.xml", "--folder", two)
    run("publisher", "add", two / "ask.xml", two / "place.xml", "--folder", one)
    run("publisher", "use", two / "place.xml", "--folder", two)
    server = subprocess.Popen(
        (sys.executable, "-m", "madang", "rpki", "ca", "serve", "--port", str(port),
         "--folder", str(one)),
        env={**os.environ, **SECRET}, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert str(port).encode() in server.stdout.readline()
        shown = run("parent", "refresh", "kid", "--folder", two, "--json")
        run("roa", "add", "kid", "10.1.0.0/16", "AS1", "--folder", two)
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()

    assert json.loads(shown.output)["resources"] == "10.1.0.0/16, AS1"
    run("publisher", "use", two / "place.xml", "--folder", two, code=3)
    tree = (one / "www/rsync/current").resolve()
    assert sorted(path.suffix for path in (tree / "kid").rglob("*.*")) == [".crl", ".mft", ".roa"]
    found = peers.rpki_client(tree, (one / "top.tal").read_text())
    assert found.vrps == {(*read_prefix("10.1.0.0/16"), 16, 1)}, found.log


def free_port() -> int:
    """A port that nobody has now."""
    import socket

    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
