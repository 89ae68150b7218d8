"""Failures of the contract are shown with their values."""

import pytest

pytest.register_assert_rewrite("tests.crawlers.real.contract", "tests.crawlers.real.place")
