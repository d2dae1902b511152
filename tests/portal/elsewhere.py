"""Another process that works on the database of the test at hand."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings
from django.db import connection

from tests.house import ROOT

_PREAMBLE = """
import os, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["MADANG_TEST_NAME"]
django.setup()
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process; it sees what was committed. Its code finds `arguments` in `sys.argv`."""
    given = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DJANGO_SETTINGS_MODULE": "madang.portal.settings.test",
        "MADANG_DATA": str(settings.DATA),
        "MADANG_TEST_NAME": str(connection.settings_dict["NAME"]),
    }
    return subprocess.Popen(
        [sys.executable, "-c", _PREAMBLE + code, *arguments],
        cwd=ROOT,
        env=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(code: str, *arguments: str) -> str:
    """Run a process to its end; what it printed."""
    process = start(code, *arguments)
    said, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    return said
