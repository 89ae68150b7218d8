"""What every store promises (``humiao/store/port.py``), as tests that each adapter's test class inherits."""

from collections.abc import Callable

import pytest

from humiao.store import Store
from tests.builders import make_alert, make_stored

pytest.register_assert_rewrite(
    "tests.contract.store_contract_alerts",
    "tests.contract.store_contract_notes",
    "tests.contract.store_contract_posts",
    "tests.contract.store_contract_records",
)

from tests.contract.store_contract_alerts import AlertContract  # noqa: E402 (rewritten before they are imported)
from tests.contract.store_contract_notes import NoteContract  # noqa: E402
from tests.contract.store_contract_posts import PostContract  # noqa: E402
from tests.contract.store_contract_records import RecordContract  # noqa: E402


class StoreContract(PostContract, AlertContract, RecordContract, NoteContract):
    """Inherit it, and give a fixture `another` that opens the same store, empty at the start of a test, each time it is called."""

    @pytest.fixture
    def store(self, another: Callable[[], Store]) -> Store:
        return another()

    def test_answers_a_ping(self, store):
        store.ping()

    def test_what_was_written_is_there_when_the_store_is_opened_again(self, another):
        alert, stored = make_alert(), make_stored()
        with another() as store:
            store.put_posts([stored])
            version = store.put_alert(alert, None)
        with another() as again:
            assert again.posts([stored.post.id]) == {stored.post.id: stored}
            assert again.alert(alert.id).version == version
