"""Declared packages are looked at before they are unpacked, and seen by solutions alone."""

from __future__ import annotations

import stat
import sys
import zipfile

import pytest

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.sandbox.runtime import EXTRA, Runtime
from madang.trials.engine import harness, wheel_file, wheels
from madang.trials.engine.cause import Cause
from madang.trials.engine.demand_text import examine, read_demand
from madang.trials.engine.environment import environment_digest, environment_versions
from madang.trials.engine.errors import DemandError
from madang.trials.engine.wheel_file import WheelFile
from madang.trials.engine.wheels import Shelf, Wheel, environment_name, runtime_names
from tests.trials.acts import LINE_DEMAND, hand_in, register_line, runs_by_name
from tests.trials.engine.wheel_makers import declared, demand_with, make_wheel, sha256
from tests.trials.toys import line_data

pytestmark = pytest.mark.usefixtures("toys")

GREETER = """
import greet

def predict(model, inputs, task):
    return greet.FACTOR * inputs["x"].to_numpy() + 1
"""
OTHER = "a" * 64


def as_wheels(*paths) -> list[Wheel]:
    return [Wheel.from_plain(each) for each in declared(*paths)]


def faults(folder, *paths) -> list[tuple[str, str]]:
    return told(folder, as_wheels(*paths))


def told(folder, wheels: list[Wheel]) -> list[tuple[str, str]]:
    found = [(each.place, each.error) for each in Shelf(folder).faults(wheels)]
    assert all("\n" not in error.sentence("ko") for _, error in found)
    return [(place, error.sentence("en")) for place, error in found]


def refused(path) -> str:
    with pytest.raises(DemandError) as caught:
        WheelFile(path)
    assert "\n" not in caught.value.sentence("ko")
    return caught.value.sentence("en")


def member(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.flag_bits = mode << 16, flags
    return info


def test_a_sound_wheel_is_unpacked_once_for_everybody_to_read(tmp_path):
    path = make_wheel(tmp_path / "wheels")
    known, shelf = as_wheels(path), Shelf(tmp_path)

    assert faults(tmp_path, path) == []
    place = shelf.unpacked(known)

    assert (place / "greet" / "words.py").read_bytes() == b"FACTOR = 2\n"
    assert stat.S_IMODE((place / "greet" / "words.py").stat().st_mode) == 0o444
    assert stat.S_IMODE((place / "greet").stat().st_mode) == 0o755
    assert (place / "greet-1.0.dist-info" / "METADATA").exists()
    path.unlink()
    assert shelf.unpacked(known) == place
    assert [each.name for each in place.parent.iterdir()] == [place.name]


def test_what_no_import_needs_is_left_aside_and_purelib_is_merged(tmp_path):
    path = make_wheel(
        tmp_path / "wheels",
        files={
            "greet-1.0.data/purelib/greet/__init__.py": b"FACTOR = 2\n",
            "greet-1.0.data/platlib/greet/more.py": b"",
            "greet-1.0.data/scripts/greet": b"#!/bin/sh\n",
            "greet-1.0.data/headers/greet.h": b"",
        },
    )

    place = Shelf(tmp_path).unpacked(as_wheels(path))

    assert faults(tmp_path, path) == []
    found = {str(each.relative_to(place)) for each in place.rglob("*") if each.is_file()}
    assert {each for each in found if "dist-info" not in each} == {
        "greet/__init__.py", "greet/more.py",
    }  # fmt: skip


@pytest.mark.parametrize(
    "tag",
    ["py3-none-any", "py2.py3-none-any", "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
     "cp38-abi3-manylinux_2_17_x86_64"],
)  # fmt: skip
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the tags are those of Python 3.11")
def test_pure_and_manylinux_wheels_of_this_interpreter_are_taken(tmp_path, tag):
    assert WheelFile(make_wheel(tmp_path, tag=tag)).top_names == {"greet"}


@pytest.mark.parametrize(
    "tag",
    ["cp27-cp27m-manylinux1_x86_64", "py3-none-win_amd64", "py3-none-linux_x86_64",
     "cp39-cp39-manylinux_2_17_x86_64", "py3-none-musllinux_1_1_x86_64",
     "py3-none-macosx_10_9_x86_64"],
)  # fmt: skip
def test_wheels_of_other_platforms_are_refused(tmp_path, tag):
    assert "tags of another platform" in refused(make_wheel(tmp_path, tag=tag))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([("../evil.py", b"")], "a path that leaves its folder"),
        ([("/etc/evil.py", b"")], "a path that leaves its folder"),
        ([("greet/../../evil.py", b"")], "a path that leaves its folder"),
        ([("greet//evil.py", b"")], "a path that leaves its folder"),
        ([("greet\\evil.py", b"")], "a path that leaves its folder"),
        ([("greet/\x1b[31m.py", b"")], "a path that leaves its folder"),
        ([("greet/" + "a" * 300 + ".py", b"")], "a path that leaves its folder"),
        ([("greet-1.0.data/purelib/../../evil.py", b"")], "a path that leaves its folder"),
        ([(member("greet/link", stat.S_IFLNK | 0o777), b"/etc")], "no plain file"),
        ([(member("greet/pipe", stat.S_IFIFO | 0o644), b"")], "no plain file"),
        ([("evil.pth", b"import os\n")], "a path file (.pth)"),
        ([("greet/words.py/inside.py", b"")], "two files in one place"),
        ([("greet-1.0.data/purelib/greet/words.py", b"")], "two files in one place"),
        ([("other-2.dist-info/METADATA", b"Name: other\nVersion: 2\n")], "not one METADATA"),
    ],
)
def test_what_no_wheel_may_hold_is_refused(tmp_path, members, said):
    assert said in refused(make_wheel(tmp_path, members=members))


def test_encrypted_members_and_other_methods_are_refused(tmp_path):
    path = make_wheel(tmp_path)
    content = path.read_bytes()
    place = content.index(b"PK\x01\x02")
    path.write_bytes(content[: place + 8] + b"\x01" + content[place + 9 :])
    assert "no plain file" in refused(path)

    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("greet/__init__.py", b"")
    assert "another method of compression" in refused(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"no archive at all", b"PK\x05\x06" + b"\0" * 18]
)
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "greet-1.0-py3-none-any.whl"
    path.write_bytes(content)

    assert "greet-1.0-py3-none-any.whl" in refused(path)


def test_a_wheel_is_the_package_that_its_name_says(tmp_path):
    path = make_wheel(tmp_path, files={})
    path = path.rename(tmp_path / "other-1.0-py3-none-any.whl")
    assert "METADATA of another package" in refused(path)

    path = path.rename(tmp_path / "greet-1.1-py3-none-any.whl")
    assert "METADATA of another package" in refused(path)

    assert "a name of another form" in refused(make_wheel(tmp_path).rename(tmp_path / "greet.whl"))


def test_ceilings_hold_for_files_bytes_and_all_together(tmp_path, monkeypatch):
    path = make_wheel(tmp_path / "wheels", files={"greet/data.bin": b"0" * 5000})

    monkeypatch.setattr(wheel_file, "MOST_BYTES", 4000)
    assert "kB" in refused(path) or "KiB" in refused(path)
    monkeypatch.setattr(wheel_file, "MOST_BYTES", 10_000)
    monkeypatch.setattr(wheel_file, "MOST_FILES", 3)
    assert "4 files" in refused(path)
    monkeypatch.setattr(wheel_file, "MOST_FILES", 10)
    monkeypatch.setattr(wheels, "MOST_BYTES", 4000)
    assert faults(tmp_path, path)[0][0] == "environment.wheels"


def test_a_member_larger_than_it_says_is_never_unpacked_whole(tmp_path):
    path = make_wheel(tmp_path / "wheels", files={"greet/big.py": b"0" * 100_000})
    content = path.read_bytes()
    claimed = (100_000).to_bytes(4, "little")
    assert content.count(claimed) == 2
    path.write_bytes(content.replace(claimed, (10).to_bytes(4, "little")))

    with pytest.raises(Unavailable):
        Shelf(tmp_path).unpacked(as_wheels(path))

    assert list((tmp_path / "environments").iterdir()) == []


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"numpy/__init__.py": b""}, "numpy"),
        ({"sklearn.py": b""}, "sklearn"),
        ({"json/__init__.py": b""}, "json"),
        ({"_socket.cpython-311-x86_64-linux-gnu.so": b""}, "_socket"),
        ({"solution.py": b""}, "solution"),
        ({"jail.py": b""}, "jail"),
        ({"harness.py": b""}, "harness"),
        ({"sitecustomize.py": b""}, "sitecustomize"),
        ({"madang/__init__.py": b""}, "madang"),
        ({"google/thing/__init__.py": b""}, "google"),
        ({"numpy.libs/libblas.so": b""}, "numpy"),
        ({"greet-1.0.data/purelib/pandas/__init__.py": b""}, "pandas"),
    ],
)
def test_a_name_of_the_runtime_or_the_harness_is_taken(tmp_path, files, name):
    path = make_wheel(tmp_path / "wheels", files=files)

    ((place, said),) = faults(tmp_path, path)

    assert place == "environment.wheels.0"
    assert f"the name {name!r} in greet-1.0-py3-none-any.whl, which the runtime has" in said


def test_two_wheels_never_share_a_name(tmp_path):
    first = make_wheel(tmp_path / "wheels")
    second = make_wheel(tmp_path / "wheels", "other")

    ((place, said),) = faults(tmp_path, first, second)

    assert place == "environment.wheels.1"
    assert "which the wheel greet has" in said


def test_the_file_is_the_one_that_was_declared(tmp_path):
    path = make_wheel(tmp_path / "wheels")
    other = Wheel(name="greet", version="1.0", sha256=OTHER)
    absent = Wheel(name="greet", version="2.0", sha256=OTHER)

    assert "with another digest" in told(tmp_path, [other])[0][1]
    assert "no wheel greet 2.0 in the workspace" in told(tmp_path, [absent])[0][1]
    path.rename(path.with_name("greet-2.0.tar.gz"))
    assert "no wheel greet 2.0" in told(tmp_path, [absent])[0][1]


def test_names_are_compared_in_their_normal_form(tmp_path):
    path = make_wheel(tmp_path / "wheels", "Odd_Name", files={"odd.py": b""})

    wheel = Wheel(name="odd-name", version="1.0.0", sha256=sha256(path))

    assert told(tmp_path, [wheel]) == []


def test_needs_are_met_by_the_runtime_and_by_other_wheels(tmp_path):
    folder = tmp_path / "wheels"
    good = make_wheel(
        folder,
        requires=("numpy>=1.20", "other", "gone; python_version < '3'", "gone; extra == 'x'"),
    )
    other = make_wheel(folder, "other", files={"other.py": b""}, requires=("numpy<1", "lost"))

    assert faults(tmp_path, good, other) == [
        ("environment.wheels.1", said) for _, said in faults(tmp_path, good, other)
    ]
    said = [each for _, each in faults(tmp_path, good, other)]
    assert "no numpy<1, which other-1.0-py3-none-any.whl needs" in said[0]
    assert "no lost, which" in said[1]
    assert "no other, which greet" in faults(tmp_path, good)[0][1]


@pytest.mark.parametrize(("asked", "sound"), [(">=3.8", True), ("<3", False), ("nonsense", False)])
def test_a_wheel_says_which_python_it_is_for(tmp_path, asked, sound):
    path = make_wheel(tmp_path / "wheels", more=f"Requires-Python: {asked}\n")

    assert (faults(tmp_path, path) == []) is sound


@pytest.mark.parametrize("more", ["Requires-Dist: ???\n", "Requires-Dist: a @ http://x/\n"])
def test_needs_that_nobody_can_read_or_meet_are_a_fault(tmp_path, more):
    assert faults(tmp_path, make_wheel(tmp_path / "wheels", more=more))


def test_a_wheel_that_is_gone_after_registration_is_the_operators_matter(tmp_path):
    with pytest.raises(Unavailable) as caught:
        Shelf(tmp_path).unpacked([Wheel(name="greet", version="1.0", sha256=OTHER)])

    assert "no wheel greet 1.0" in caught.value.sentence("en")
    assert "wheels/" in caught.value.sentence("ko")


def test_what_another_process_unpacked_meanwhile_is_taken(tmp_path, monkeypatch):
    path = make_wheel(tmp_path / "wheels")
    known, shelf = as_wheels(path), Shelf(tmp_path)
    place = tmp_path / "environments" / environment_name(known)

    def quicker(self, folder):
        place.mkdir()
        (place / "theirs").touch()
        (folder / "ours").touch()

    monkeypatch.setattr(WheelFile, "unpack", quicker)

    assert shelf.unpacked(known) == place
    assert [each.name for each in place.iterdir()] == ["theirs"]
    assert [each.name for each in place.parent.iterdir()] == [place.name]


def places(text: str) -> list[tuple[str, str]]:
    return [(f.place, f.error.sentence("en")) for f in examine(text.encode()).faults]


@pytest.mark.parametrize(
    ("wheel", "place"),
    [
        ({"name": "numpy", "version": "1.0", "sha256": OTHER}, "environment.wheels.0.name"),
        ({"name": "Scikit_Learn", "version": "1.0", "sha256": OTHER}, "environment.wheels.0.name"),
        ({"name": "lifelines", "version": "1.0", "sha256": OTHER}, "environment.wheels.0.name"),
        ({"name": "madang", "version": "1.0", "sha256": OTHER}, "environment.wheels.0.name"),
        ({"name": "greet", "version": "one", "sha256": OTHER}, "environment.wheels.0.version"),
        ({"name": "../x", "version": "1.0", "sha256": OTHER}, "environment.wheels.0.name"),
        ({"name": "greet", "version": "1.0", "sha256": "abc"}, "environment.wheels.0.sha256"),
        ({"name": "greet", "version": "1.0"}, "environment.wheels.0"),
    ],
)
def test_a_declaration_that_cannot_hold_is_told_at_its_place(wheel, place):
    assert [each for each, _ in places(demand_with(wheel))] == [place]


def test_the_same_package_twice_and_wheels_without_source_are_told():
    wheel = {"name": "greet", "version": "1.0", "sha256": OTHER}
    text = demand_with(wheel, {**wheel, "name": "Greet"}).replace(
        "tiers: [predictions, onnx, python]", "tiers: [predictions, onnx]"
    )

    assert [place for place, _ in places(text)] == [
        "environment.wheels.1.name", "environment.wheels",
    ]  # fmt: skip


def test_the_wheels_are_part_of_the_environment_and_of_the_demand():
    wheel = {"name": "greet", "version": "1.0", "sha256": OTHER}
    demand = read_demand(demand_with(wheel).encode())

    assert demand.digest != read_demand(LINE_DEMAND.encode()).digest
    assert environment_versions(demand.wheels)["greet"] == f"1.0 sha256:{OTHER}"
    assert environment_digest(demand.wheels) != environment_digest()
    other = Wheel(name="greet", version="1.0", sha256="b" * 64)
    assert environment_digest([other]) != environment_digest(demand.wheels)
    assert environment_name([other, *demand.wheels]) == environment_name([*demand.wheels, other])


def test_the_harness_looks_where_the_jail_shows_them():
    assert harness.EXTRA == EXTRA
    assert {"numpy", "sklearn", "json", "solution", "jail"} <= runtime_names()
    assert "greet" not in runtime_names()
    assert not any(bind.target == EXTRA for bind in Runtime().binds())


@pytest.fixture
def laid(office):
    """A wheel in the office's workspace."""
    return make_wheel(office.workspace.folder / "wheels")


@pytest.mark.parametrize("spoil", ["digest", "gone", "shadow"])
def test_registration_refuses_wheels_that_cannot_be_offered(office, tmp_path, laid, spoil):
    (wheel,) = declared(laid)
    if spoil == "digest":
        make_wheel(laid.parent, files={"greet.py": b"changed"})
    elif spoil == "gone":
        laid.unlink()
    else:
        (wheel,) = declared(make_wheel(laid.parent, files={"solution.py": b""}))

    with pytest.raises(InputError):
        register_line(office, tmp_path, text=demand_with(wheel))

    assert office.workspace.demand_names() == []


def test_a_draft_tells_what_is_wrong_with_its_wheels(office, tmp_path, laid):
    (wheel,) = declared(laid)
    table = tmp_path / "line.csv"
    line_data(200).write_csv(table)

    def looked(text: str) -> list[tuple[str, str]]:
        found = office.runner.scoring.ask("check", text=text, table=str(table))
        assert found["baselines"]
        assert found["registrable"] is (not found["findings"])
        return [(each["place"], each["weight"]) for each in found["findings"]]

    assert looked(demand_with(wheel)) == []
    assert looked(demand_with({**wheel, "sha256": OTHER})) == [("environment.wheels.0", "error")]


@pytest.mark.bwrap
def test_a_solution_imports_what_its_demand_declares(office, tmp_path, laid):
    register_line(office, tmp_path, text=demand_with(*declared(laid)))
    register_line(office, tmp_path, text=LINE_DEMAND.replace("demand: line", "demand: bare"))
    hand_in(office, "line", "greeter", source=GREETER)
    hand_in(office, "bare", "greeter", source=GREETER)
    hand_in(office, "line", "good")
    office.work()

    runs = runs_by_name(office, "line")
    assert {name: (run.state, run.cause) for name, run in runs.items()} == {
        "greeter": ("done", ""), "good": ("done", ""),
    }  # fmt: skip
    bare = runs_by_name(office, "bare")["greeter"]
    assert (bare.cause, bare.detail["telltale"]["exception"]) == (
        "crash", "ModuleNotFoundError",
    )  # fmt: skip
    ended = {
        entry.statement.predicate["demand"]: entry.statement.predicate["environment"]
        for entry in office.workspace.log.entries()
        if "run" in entry.statement.predicate
    }
    assert ended["bare"] == environment_digest()
    assert ended["line"] == environment_digest(as_wheels(laid))
    rehearsed = office.rehearse("line", "python", {"solution.py": GREETER.encode()})
    assert rehearsed.cause is None
    assert rehearsed.scores["absolute_loss"] < 1


@pytest.mark.bwrap
def test_the_report_names_the_wheels_and_verifies(office, tmp_path, laid):
    from madang.trials.engine.rerun import recorded, rerun

    register_line(office, tmp_path, text=demand_with(*declared(laid)))
    hand_in(office, "line", "greeter", source=GREETER)
    office.work()
    office.close("line")

    record = recorded(office.publish("line", tmp_path / "report").json.read_bytes())

    assert record["environment"]["greet"] == f"1.0 sha256:{sha256(laid)}"
    assert [each.same for each in rerun(office, record)] == [True]


PRYING = """
import os
import sys

def predict(model, inputs, task):
    assert "greet" not in sys.modules
    seen = sorted(os.listdir("/runtime/extra"))
    assert seen == ["greet", "greet-1.0.dist-info"], seen
    for path in ("/runtime/extra/new.py", "/runtime/extra/greet/words.py"):
        try:
            open(path, "w")
        except OSError as fault:
            assert fault.errno in (13, 30), fault
        else:
            raise AssertionError(path)
    place = sys.path.index("/runtime/extra")
    assert place > sys.path.index("/runtime/site")
    import greet
    assert greet.__file__ == "/runtime/extra/greet/__init__.py"
    return 2 * inputs["x"].to_numpy() + 1
"""


@pytest.mark.bwrap
def test_the_jail_shows_the_packages_read_only_behind_its_own(office, tmp_path, laid):
    register_line(office, tmp_path, text=demand_with(*declared(laid)))

    found = office.rehearse("line", "python", {"solution.py": PRYING.encode()})

    assert (found.cause, found.log) == (None, "")


@pytest.mark.bwrap
def test_one_extended_pool_is_kept_and_the_fixed_one_stays_as_it_is(office, tmp_path, laid):
    other = make_wheel(laid.parent, "other", files={"other.py": b""})
    register_line(office, tmp_path, text=demand_with(*declared(laid)))
    register_line(
        office, tmp_path,
        text=demand_with(*declared(other)).replace("demand: line", "demand: second"),
    )  # fmt: skip
    first, second = (office.workspace.demand_folder(name) for name in ("line", "second"))
    runner = office.runner

    extended = runner.pool_for(first, "python")

    assert runner.pool_for(first, "python") is extended
    assert runner.pool_for(first, "onnx") is runner.pool
    assert runner.pool_for(second, "python") is not extended
    assert not extended._waiting
    assert extended.runtime.extra.endswith(environment_name(first.demand.wheels))


@pytest.mark.bwrap
def test_wheels_that_are_gone_cost_no_quota(office, tmp_path, laid):
    import shutil

    register_line(office, tmp_path, text=demand_with(*declared(laid)))
    shutil.rmtree(office.workspace.folder / "environments")
    laid.unlink()
    hand_in(office, "line", "greeter", source=GREETER)
    office.work()

    run = runs_by_name(office, "line")["greeter"]

    assert (run.state, run.cause) == ("failed", Cause.SANDBOX_UNAVAILABLE)
    assert "no wheel greet 1.0" in run.detail["en"]
    assert office.proceedings.used("line", "firm_greeter") == 0
