"""A sealed file opens with its own key, in its own place, unaltered: or not at all."""

from __future__ import annotations

import multiprocessing
import os
import stat

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madang.trials.engine.errors import SealBroken
from madang.trials.engine.vault import KeyRing, Vault

CONTENT = b"outcome,1\n" * 9


@pytest.fixture
def ring(tmp_path):
    ring = KeyRing(folder=tmp_path / "keys")
    ring.create("inputs", "develop", "outcomes")
    return ring


@pytest.fixture
def vault(tmp_path, ring):
    return Vault(demand="line", folder=tmp_path / "sealed", keys=ring)


def broken(act) -> str:
    with pytest.raises(SealBroken) as caught:
        act()
    assert caught.value.sentence("ko").count("\n") == 0
    return caught.value.sentence("en")


def test_what_was_sealed_is_opened_and_its_file_says_nothing(vault):
    vault.seal("board", "outcomes", CONTENT)

    sealed = vault.path("board", "outcomes").read_bytes()
    assert vault.open("board", "outcomes") == CONTENT
    assert b"outcome" not in sealed
    assert [path.name for path in vault.folder.iterdir()] == ["board.outcomes.sealed"]


def test_sealing_twice_gives_other_bytes(vault):
    vault.seal("board", "inputs", CONTENT)
    first = vault.path("board", "inputs").read_bytes()
    vault.seal("board", "inputs", CONTENT)

    assert vault.path("board", "inputs").read_bytes() != first


def test_one_flipped_bit_anywhere_is_noticed(vault):
    vault.seal("board", "outcomes", b"short")
    path = vault.path("board", "outcomes")
    sealed = path.read_bytes()

    for place in range(len(sealed)):
        path.write_bytes(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        assert "does not open" in broken(lambda: vault.open("board", "outcomes"))
    for cut in (0, 1, 15, 16, 28, 43, len(sealed) - 1):
        path.write_bytes(sealed[:cut])
        assert "does not open" in broken(lambda: vault.open("board", "outcomes"))
    path.write_bytes(sealed + b"x")
    assert "does not open" in broken(lambda: vault.open("board", "outcomes"))


@pytest.mark.parametrize(
    ("part", "kind"), [("final", "outcomes"), ("board", "inputs"), ("develop", "outcomes")]
)
def test_no_sealed_file_stands_in_for_another_of_its_demand(vault, part, kind, monkeypatch):
    for name in ("inputs", "develop", "outcomes"):  # even under one key
        monkeypatch.setenv(KeyRing.variable(name), "ab" * 32)
    vault.seal("board", "outcomes", CONTENT)

    vault.path("board", "outcomes").rename(vault.path(part, kind))

    assert "does not open" in broken(lambda: vault.open(part, kind))


def test_no_sealed_file_stands_in_for_that_of_another_demand(vault, tmp_path, ring):
    other = Vault(demand="other", folder=tmp_path / "other", keys=ring)
    vault.seal("board", "outcomes", CONTENT)
    other.seal("board", "outcomes", CONTENT)

    vault.path("board", "outcomes").replace(other.path("board", "outcomes"))

    assert "does not open" in broken(lambda: other.open("board", "outcomes"))
    assert "does not open" in broken(lambda: other.unwrap(vault.wrap(CONTENT)))


def test_another_key_does_not_open(vault, ring):
    vault.seal("board", "outcomes", CONTENT)
    ring.file("outcomes").unlink()
    ring.create("outcomes")

    assert "board.outcomes.sealed does not open" in broken(lambda: vault.open("board", "outcomes"))


def test_each_kind_of_reader_has_its_own_key(vault, ring):
    for part in ("develop", "board", "final"):
        vault.seal(part, "inputs", CONTENT)
        vault.seal(part, "outcomes", CONTENT)

    ring.file("outcomes").unlink()

    assert vault.open("develop", "outcomes") == CONTENT
    assert all(vault.open(part, "inputs") == CONTENT for part in ("develop", "board", "final"))
    for part in ("board", "final"):
        broken(lambda part=part: vault.open(part, "outcomes"))
    assert len({ring.key("inputs"), ring.key("develop")}) == 2


def test_a_missing_sealed_file_is_named(vault):
    assert "final.inputs.sealed" in broken(lambda: vault.open("final", "inputs"))


def test_a_key_from_a_variable_comes_before_the_file(vault, ring, monkeypatch):
    monkeypatch.setenv("MADANG_TRIALS_OUTCOMES_KEY", "0F" * 32 + "\n")
    vault.seal("board", "outcomes", CONTENT)

    assert ring.key("outcomes") == b"\x0f" * 32
    assert vault.open("board", "outcomes") == CONTENT
    monkeypatch.delenv("MADANG_TRIALS_OUTCOMES_KEY")
    broken(lambda: vault.open("board", "outcomes"))


def test_no_file_is_made_for_a_key_that_a_variable_gives(tmp_path, monkeypatch):
    monkeypatch.setenv("MADANG_TRIALS_OUTCOMES_KEY", "00" * 32)
    ring = KeyRing(folder=tmp_path / "keys")

    ring.create("outcomes", "inputs")

    assert [path.name for path in ring.folder.iterdir()] == ["inputs.key"]


def test_key_files_are_for_their_owner_alone(ring):
    before = os.umask(0)
    try:
        fresh = KeyRing(folder=ring.folder.parent / "fresh")
        fresh.create("outcomes")
    finally:
        os.umask(before)

    assert stat.S_IMODE(fresh.file("outcomes").stat().st_mode) == 0o600
    assert stat.S_IMODE(fresh.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(ring.file("inputs").stat().st_mode) == 0o600


def test_making_keys_again_keeps_them(ring):
    before = ring.key("outcomes")

    ring.create("outcomes")

    assert ring.key("outcomes") == before


def _made(folder, start, found):
    start.wait()
    ring = KeyRing(folder=folder)
    ring.create("outcomes")
    found.put(ring.key("outcomes"))


def test_processes_that_make_a_key_at_once_share_it(tmp_path):
    context = multiprocessing.get_context("fork")
    start, found = context.Barrier(4), context.Queue()
    makers = [
        context.Process(target=_made, args=(tmp_path / "keys", start, found)) for _ in range(4)
    ]
    for maker in makers:
        maker.start()
    keys = {found.get(timeout=30) for _ in makers}
    for maker in makers:
        maker.join()

    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["outcomes.key"]


@pytest.mark.parametrize("text", ["", "q9", "zz" * 32, "ab" * 31, "ab" * 33, "가" * 64])
def test_a_key_that_is_missing_or_malformed_is_one_clear_sentence(ring, text):
    ring.file("outcomes").write_text(text)

    said = broken(lambda: ring.key("outcomes"))

    assert "no usable key outcomes" in said
    assert "64 hexadecimal digits in MADANG_TRIALS_OUTCOMES_KEY or in" in said
    assert not text or text not in said


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(content=st.binary(max_size=300))
@example(content=b"madang-sealed-1\n")
def test_wrapping_is_deterministic_and_reversible(vault, content):
    wrapped = vault.wrap(content)

    assert vault.wrap(content) == wrapped
    assert vault.unwrap(wrapped) == content
    assert vault.is_wrapped(wrapped)
    # What begins with the mark is taken for wrapped: no record of ours does.
    assert vault.is_wrapped(content) is content.startswith(wrapped[:16])


def test_no_nonce_serves_two_messages(vault, tmp_path, ring):
    # GCM gives up its authentication key where one nonce meets two messages or two contexts.
    other = Vault(demand="other", folder=tmp_path / "other", keys=ring)
    nonces = [
        each.wrap(content)[16:28] for each in (vault, other) for content in (b"", b"a", b"b")
    ]

    assert len(set(nonces)) == 6


def test_wrapped_records_that_were_altered_do_not_open(vault):
    wrapped = vault.wrap(CONTENT)

    for place in range(len(wrapped)):
        altered = wrapped[:place] + bytes([wrapped[place] ^ 128]) + wrapped[place + 1 :]
        broken(lambda altered=altered: vault.unwrap(altered))
