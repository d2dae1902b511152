"""The site under test: nothing outside a temporary folder, quick password hashing."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _own_folder() -> None:
    """A folder for this test process and its children; no two test processes share one."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    if os.environ.get("MADANG_TEST_FOLDER_OF") == process:
        return  # a child of the test process
    folder = tempfile.mkdtemp(prefix="madang-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {"MADANG_DATA": folder, "MADANG_TEST_FOLDER_OF": process}
    # WhiteNoise warns of a folder that is not there, and warnings are errors in tests.
    (Path(folder) / "static").mkdir()


_own_folder()

from madang.portal.settings.base import *  # noqa: E402, F403 - settings are one namespace by design
from madang.portal.settings.base import database  # noqa: E402 - the folder is chosen first

DEBUG = False
SECRET_KEY = "only for tests"  # noqa: S105 - signs nothing that leaves a test
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SIGN_IN_LINKS = True
WEBHOOKS_TO_ANYWHERE = True
LIMITS = False
ACCOUNT_RATE_LIMITS = {}
DATABASES = {"default": database(os.environ.get("MADANG_TEST_DATABASE", ""))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: live servers and workers are processes and threads of their own.
    DATABASES["default"]["TEST"] = {"NAME": Path(os.environ["MADANG_DATA"]) / "test.sqlite3"}
