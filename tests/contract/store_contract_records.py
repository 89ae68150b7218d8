"""What every store promises of events, evidence and accounts."""

import pytest

from humiao.account import Account, Role
from humiao.errors import Conflict
from humiao.event import broken_links
from tests.builders import NOON, at, make_alert, make_event, make_evidence, make_post
from tests.contract.at_once import outcomes_at_once

ALERT = make_alert().id


class RecordContract:
    # -- events

    def test_events_come_back_in_order_and_whole(self, store, another):
        data = {"中文": '值 \n"', "n": 2**70, "float": 0.1, "big": 1e300, "one": 1.0, "null": None, "list": [1, {"a": []}], "": ""}
        first = make_event(ALERT, data=data)
        chain = [first]
        store.append_event(first)
        for seq in range(2, 15):
            chain.append(make_event(ALERT, seq, chain[-1].hash, kind="joined", at=at(seconds=seq, microseconds=7)))
            another().append_event(chain[-1])
        store.append_event(make_event("f" * 32))
        assert store.events(ALERT) == chain
        assert broken_links(store.events(ALERT)) == []
        assert store.events("0" * 32) == []

    def test_an_event_whose_number_is_taken_is_a_conflict(self, store):
        first = make_event(ALERT)
        store.append_event(first)
        for again in (first, make_event(ALERT, actor="patrol1")):
            with pytest.raises(Conflict, match=ALERT):
                store.append_event(again)
        assert store.events(ALERT) == [first]

    def test_an_event_without_the_one_before_is_a_conflict(self, store):
        first = make_event(ALERT)
        with pytest.raises(Conflict):
            store.append_event(make_event(ALERT, 2, first.hash))
        store.append_event(first)
        with pytest.raises(Conflict):
            store.append_event(make_event(ALERT, 3, first.hash))
        assert store.events(ALERT) == [first]

    def test_an_event_that_names_another_hash_is_a_conflict(self, store):
        with pytest.raises(Conflict):
            store.append_event(make_event(ALERT, 1, "1" * 64))
        first = make_event(ALERT)
        store.append_event(first)
        with pytest.raises(Conflict):
            store.append_event(make_event(ALERT, 2, "1" * 64))
        assert store.events(ALERT) == [first]

    def test_of_appenders_at_once_one_wins(self, another):
        stores = [another() for _ in range(4)]
        prev = []
        for seq in range(1, 6):
            events = [make_event(ALERT, seq, *prev, actor=f"patrol{n}") for n in range(4)]
            results = outcomes_at_once(
                *(lambda store=store, event=event: store.append_event(event) for store, event in zip(stores, events, strict=True))
            )
            won = [event for event, result in zip(events, results, strict=True) if result is None]
            assert len(won) == 1
            assert sum(isinstance(result, Conflict) for result in results) == 3
            prev = [won[0].hash]
            assert stores[0].events(ALERT)[-1] == won[0]
        assert broken_links(stores[0].events(ALERT)) == []

    # -- evidence

    def test_evidence_is_listed_oldest_post_first(self, store, another):
        posts = [make_post(native_id=f"{n}", ts=at(microseconds=n)) for n in (3, 1, 2)]
        put = [make_evidence(post, ALERT) for post in posts]
        store.put_evidence([*put, make_evidence(make_post(native_id="other"), "f" * 32)])
        assert another().evidence(ALERT) == [put[1], put[2], put[0]]
        assert store.evidence("0" * 32) == []
        store.put_evidence([])

    def test_evidence_is_never_overwritten(self, store, another):
        first = make_evidence(make_post(), ALERT)
        store.put_evidence([first])
        another().put_evidence([make_evidence(make_post(), ALERT, kept_at=at(days=1), blob="a" * 64)])
        assert store.evidence(ALERT) == [first]

    def test_evidence_follows_its_alert(self, store):
        first, other = make_evidence(make_post(), ALERT), "f" * 32
        store.put_evidence([first])
        store.put_evidence([make_evidence(make_post(), other, kept_at=at(days=1))])
        assert store.evidence(ALERT) == []
        assert store.evidence(other) == [first.model_copy(update={"alert": other})]

    def test_each_revision_has_its_own_evidence(self, store):
        put = [make_evidence(make_post(text=text), ALERT) for text in ("先", "后")]
        store.put_evidence(put)
        store.put_evidence(put)
        assert sorted(one.post.text for one in store.evidence(ALERT)) == ["先", "后"]

    # -- accounts

    def test_accounts_are_kept_and_replaced_by_name(self, store, another):
        names = ["zhang", "..", "王警官", "a@b.c", "Zhang"]
        for name in names:
            store.put_account(Account(name=name, role=Role.PATROL, password_hash="x", created_at=NOON))
        changed = Account(name="zhang", role=Role.OPS, password_hash="y", created_at=at(days=1), disabled=True)
        another().put_account(changed)
        assert store.account("zhang") == changed
        assert store.account("ZHANG") is None
        assert store.account("..").name == ".."
        assert [account.name for account in another().accounts()] == sorted(names)
