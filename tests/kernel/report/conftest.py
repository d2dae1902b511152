"""The sample report, written once for all tests of this folder."""

from __future__ import annotations

import pytest

from madang.kernel.report.html import html
from madang.kernel.report.pdf import pdf
from tests.kernel.report import sample


@pytest.fixture(scope="session")
def document():
    return sample.document()


@pytest.fixture(scope="session")
def page(document) -> str:
    return html(document).decode()


@pytest.fixture(scope="session")
def paper(document) -> bytes:
    return pdf(document)
