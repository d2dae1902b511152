"""Look for the outcomes in files: tables, databases, sealed files and the keys to them."""

import io
import os
import re
import sqlite3
import stat
import sys
import time

TIMES = {"time", "duration", "days", "rfstime", "futime", "t"}
EVENTS = {"cens", "event", "status", "death", "dead", "censored"}
TABLES = (".csv", ".csv.gz", ".csv.xz", ".tsv", ".txt", ".parquet", ".feather", ".arrow")
DATABASES = (".db", ".sqlite", ".sqlite3", ".duckdb")
LARGEST = 64 << 20


def roots():
    """Likely places first, the whole machine last."""
    job = os.environ.get("MADANG_JOB", "/job")
    near = [job, os.getcwd(), *sys.path, os.path.expanduser("~"), "/dev/shm", "/tmp", "/run"]
    others = [f"/proc/{pid}/{door}" for pid in pids() for door in ("cwd", "root", "fd")]
    return [
        place for place in [*near, "/mnt", "/srv", "/var", "/home", "/root", *others, "/"] if place
    ]


def pids():
    try:
        return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    except OSError:
        return []


def walk(places, until):
    """Every file below the places, each folder once by its inode, until the time is up."""
    seen, endless = set(), {device(place) for place in ("/proc", "/sys")}
    for place in places:
        for folder, folders, names in os.walk(place):
            if time.monotonic() > until:
                return
            if folder != place and device(folder) in endless or inode(folder) in seen:
                folders.clear()
                continue
            seen.add(inode(folder))
            for name in names:
                yield os.path.join(folder, name)


def device(folder):
    return inode(folder)[0]


def inode(folder):
    try:
        facts = os.stat(folder)
    except OSError:
        return None, folder
    return facts.st_dev, facts.st_ino


def read(path, most=LARGEST):
    try:
        facts = os.stat(path)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
            return b""
        with open(path, "rb") as file:
            return file.read(most)
    except OSError:
        return b""


def hunt(places, wanted, until):
    """The first table that knows what became of the wanted patients, with its columns' names."""
    sealed, keys = [], keys_in_variables()
    for path in walk(places, until):
        name = path.lower()
        if name.endswith(".sealed"):
            sealed.append(path)
        elif name.endswith((".key", ".pem", ".hex")) or "vault" in os.path.basename(name):
            keys += keys_in(read(path, 4096))
        else:
            for table in tables(path, name):
                if found := knows(table, wanted):
                    return found
    for table in opened(sealed, keys):
        if found := knows(table, wanted):
            return found
    return None


def tables(path, name):
    if name.endswith(DATABASES):
        yield from database(path)
    elif name.endswith(TABLES) and mentions(read(path, 4096)):
        yield table_of(read(path), path)


def mentions(head):
    words = set(re.findall(rb"[a-z_]{1,20}", head.lower()))
    names = {word.decode() for word in words}
    return (
        head[:4] in (b"PAR1", b"ARRO")
        or head[:2] in (b"\x1f\x8b", b"\xfd7")
        or (bool(names & TIMES) and bool(names & EVENTS))
    )


def table_of(content, path):
    import pandas

    try:
        if content[:4] == b"PAR1":
            return parquet(content)
        kind = "gzip" if path.endswith(".gz") else "xz" if path.endswith(".xz") else None
        return pandas.read_csv(io.BytesIO(content), sep=None, engine="python", compression=kind)
    except Exception:
        return None


def parquet(content):
    """By whichever library lies about."""
    try:
        import polars

        table = polars.read_parquet(content)
        return pandas_of({name: table[name].to_list() for name in table.columns})
    except ImportError:
        import pandas

        return pandas.read_parquet(io.BytesIO(content))


def pandas_of(columns):
    import pandas

    return pandas.DataFrame(columns)


def database(path):
    import pandas

    try:
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as connection:
            names = [row[0] for row in connection.execute("select name from sqlite_master")]
            for name in names:
                yield pandas.read_sql_query(f'select * from "{name}"', connection)
    except Exception:
        return


def keys_in(content):
    return [bytes.fromhex(text.decode()) for text in re.findall(rb"\b[0-9a-fA-F]{64}\b", content)]


def keys_in_variables():
    return [
        key for pid in ["self", *pids()] for key in keys_in(read_anything(f"/proc/{pid}/environ"))
    ]


def read_anything(path, most=1 << 20):
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError:
        return b""


def opened(sealed, keys):
    """Sealed tables that some key opens."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        return
    for path in sealed:
        content = read(path)
        start = content.find(b"\n") + 1
        nonce, body = content[start : start + 12], content[start + 12 :]
        about = os.path.basename(path).split(".")[:2]
        demands = [os.path.basename(os.path.dirname(path)), path.split(os.sep)[-3]]
        for key in keys:
            for demand in demands:
                try:
                    plain = AESGCM(key).decrypt(nonce, body, "|".join([demand, *about]).encode())
                except Exception:
                    continue
                yield table_of(plain, path)


def knows(table, wanted):
    """The table with the names of its time and event, if it is about the wanted patients."""
    if table is None or not hasattr(table, "columns"):
        return None
    names = {str(name).lower(): name for name in table.columns}
    when = next((names[name] for name in names if name in TIMES), None)
    happened = next((names[name] for name in names if name in EVENTS), None)
    shared = [name for name in wanted.columns if name in set(table.columns)]
    if when is None or happened is None or len(shared) < 3:
        return None
    rows = {}
    for key, time_, event in zip(
        keys_of(table, shared), table[when], table[happened], strict=True
    ):
        rows[key] = (float(time_), float(event))
    known = [rows.get(key) for key in keys_of(wanted, shared)]
    return known if sum(each is not None for each in known) > len(known) / 2 else None


def keys_of(table, names):
    """Each row as a comparable key: 3, 3.0 and "3" are the same."""

    def plain(value):
        try:
            return f"{float(value):.6g}"
        except (TypeError, ValueError):
            return str(value)

    return [tuple(map(plain, row)) for row in zip(*(table[name] for name in names), strict=True)]
