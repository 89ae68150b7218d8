from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.polite.retry_after import retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 23 Nov 2026 12:10:00 GMT", 600),
        ("Mon, 23 Nov 2026 12:10:00 -0000", 600),
        ("Mon, 23 Nov 2026 20:10:00 +0800", 600),
        ("Monday, 23-Nov-26 12:10:00 GMT", 600),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("99999999999999999999", 999999999999),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("１２０", None),
        ("Mon, 99 Nov 2026 12:10:00 GMT", None),
    ],
)
def test_both_forms_are_understood_and_nonsense_says_nothing(value, seconds):
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=60))
def test_any_text_is_seconds_or_nothing(value):
    found = retry_after(value, NOW)
    assert found is None or found >= 0
