from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from madang.kernel.errors import InputError
from madang.rpki.cli.commands import rpki
from madang.rpki.engine.outputs.formats import FORMATS
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.rtr.client import everything

TABLE = "ASN,IP Prefix,Max Length,Trust Anchor\nAS64500,192.0.2.0/24,24,kr\n"
MORE = TABLE + "AS64501,2001:db8::/32,48,kr\n"
FOUR, SIX = Vrp(4, 0xC0000200, 24, 24, 64500), Vrp(6, 0x20010DB8 << 96, 32, 48, 64501)
SLURM = {
    "slurmVersion": 1,
    "validationOutputFilters": {"prefixFilters": [{"asn": 64500}], "bgpsecFilters": []},
    "locallyAddedAssertions": {
        "prefixAssertions": [{"asn": 7, "prefix": "10.0.0.0/8"}],
        "bgpsecAssertions": [],
    },
}
MINE = Vrp(4, 10 << 24, 8, 8, 7)


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "vrps.csv"
    file.write_text(TABLE)
    return file


@contextmanager
def _running(*arguments):
    command = [sys.executable, "-m", "madang", "rpki", "rtr", *map(str, arguments)]
    command += ["--listen", "127.0.0.1:0", "--check-every", "0.1", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    ) as process:
        try:
            yield process, int(json.loads(process.stdout.readline())["rtr"][0].split(":")[1])
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _vrps(port):
    return everything("127.0.0.1", port).payloads.vrps


def _until(port, expected):
    ends = time.monotonic() + 20
    while (seen := _vrps(port)) != expected and time.monotonic() < ends:
        time.sleep(0.05)
    return seen


def test_a_file_is_served_and_each_new_version_of_it(table, tmp_path):
    with _running(table) as (process, port):
        assert _vrps(port) == {FOUR}
        assert json.loads(process.stdout.readline()) == {"serial": 1, "payloads": 1}

        waiting = tmp_path / "new"
        waiting.write_text(MORE)
        waiting.replace(table)
        assert _until(port, {FOUR, SIX}) == {FOUR, SIX}

        table.write_text("no table")
        assert "vrps.csv:1" in process.stderr.readline()
        assert _vrps(port) == {FOUR, SIX}
        table.write_text(TABLE)
        assert _until(port, {FOUR}) == {FOUR}
    assert process.returncode == 0


def test_local_exceptions_change_what_is_served_and_are_read_again(table, tmp_path):
    slurm = tmp_path / "local.json"
    slurm.write_text(json.dumps(SLURM))
    with _running(table, "--slurm", slurm) as (_, port):
        assert _vrps(port) == {MINE}
        kept = {**SLURM, "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []}}
        slurm.write_text(json.dumps(kept))
        assert _until(port, {FOUR, MINE}) == {FOUR, MINE}


def test_a_restart_goes_on_where_it_ended(table, tmp_path):
    memory = ("--memory", tmp_path / "rtr.sqlite3")
    with _running(table, *memory) as (_, port):
        before = everything("127.0.0.1", port)
    table.write_text(MORE)
    with _running(table, *memory) as (_, port):
        after = everything("127.0.0.1", port)

    assert (after.session, after.serial) == (before.session, before.serial + 1)


def test_an_unreadable_file_is_exit_code_3(tmp_path):
    file = tmp_path / "vrps.csv"
    file.write_text("nothing")
    found = CliRunner().invoke(rpki, ["rtr", str(file), "--listen", "127.0.0.1:0"])

    assert isinstance(found.exception, InputError)


@pytest.mark.parametrize(
    "arguments",
    [
        ["rtr", "FILE", "--listen", "8282"],
        ["rtr", "FILE", "--listen", "127.0.0.1:70000"],
        ["rtr", "FILE", "--tls-listen", "127.0.0.1:0"],
        ["convert", "FILE", "--format", "frr-cache"],
        ["convert", "FILE", "--format", "jsonext"],
    ],
)
def test_usage_is_exit_code_2(arguments, table):
    chosen = [str(table) if each == "FILE" else each for each in arguments]

    assert CliRunner().invoke(rpki, chosen).exit_code == 2


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_can_be_asked_for(form, table, tmp_path):
    out = tmp_path / "out"
    found = CliRunner().invoke(rpki, ["convert", str(table), "--format", form, "--out", str(out)])

    assert found.exit_code == 0, found.output
    assert out.stat().st_size


def test_without_a_file_the_result_goes_to_standard_output(table, tmp_path):
    assert CliRunner().invoke(rpki, ["convert", str(table)]).stdout == TABLE

    slurm = tmp_path / "local.json"
    slurm.write_text(json.dumps(SLURM))
    found = CliRunner().invoke(rpki, ["convert", str(table), "--slurm", str(slurm), "--json"])
    assert json.loads(found.stderr) == {"format": "csv", "payloads": 1, "out": ""}
    assert "AS7,10.0.0.0/8,8,\n" in found.output
    assert "AS64500" not in found.output


def test_routers_are_told_of_a_cache(table):
    found = CliRunner().invoke(
        rpki, ["convert", str(table), "--format", "bird-cache", "--cache", "[2001:db8::1]:8282"]
    )

    assert 'remote "2001:db8::1" port 8282;' in found.output
