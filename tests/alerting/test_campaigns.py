"""Which posts become one alert, and what the alert then says."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerting import wording
from alerting.grouping import groups
from alerting.handler import Handler
from alerting.incident import Finding, joined, single
from humiao.alert import Grade, Status
from humiao.errors import BadInput
from humiao.labels import Harm, Stance
from humiao.log import Message
from humiao.store import Store
from tests.alerting.stream import BETS, SKINS, VAPES, alerts_of, check_whole, outcome, scored, shipped, storm, twisted
from tests.builders import NOON, at, make_post, make_verdict

FRAUD = {Harm.FRAUD: 0.9}


def alike(one: str, other: str, harm: Harm = Harm.FRAUD, stance: Stance = Stance.OFFENDER) -> bool:
    shapes = []
    for number, text in enumerate((one, other)):
        post = make_post(native_id=str(number), author=f"作者{number}", text=text)
        shapes.append(wording.shape(post, make_verdict(post, flags={harm: 0.9}, stance=stance)))
    return wording.Comparison(shapes).alike(0) == [0, 1]


def test_a_repost_flood_becomes_one_alert(store: Store, handler: Handler) -> None:
    handler.handle([scored(n, twisted(SKINS, n), FRAUD) for n in range(40)])
    (alert,) = alerts_of(store)
    assert alert.post_count == 40
    assert alert.posts == [scored(n, twisted(SKINS, n), FRAUD).post.id for n in range(40)]
    assert (alert.first_seen, alert.last_seen) == (at(), at(minutes=61 * 39))
    check_whole(store)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SKINS, SKINS + "加vx skin8888"),
        (SKINS, SKINS.replace("免费", "免費")),
        (SKINS, "🔥🔥" + SKINS.replace("，", " ") + "！！"),
        (SKINS, "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in SKINS)),
        (SKINS, SKINS.replace("私信", "私聊")),
        (SKINS, SKINS + "，快来"),
        (BETS, BETS.replace("今晚", "明晚")),
        (BETS, "①群" + BETS + "②群"),
    ],
)
def test_the_same_advert_in_other_clothes_is_one_campaign(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SKINS, BETS),
        (SKINS, VAPES),
        (BETS, VAPES),
        ("我家孩子在三中被同学天天骂，老师不管怎么办", "我家孩子在三中食堂吃坏肚子，老师不管怎么办"),
        ("坂田这边有人低价转让二手山地车，有意私聊", "坂田这边有人收未成年的银行卡，日结现金私聊"),
        ("有人在学校后门卖电子烟，学生下课都去买", "网吧不查身份证，学生通宵都能进去玩"),
        ("滚出我们班", "滚出这个群"),
    ],
)
def test_different_posts_are_no_campaign(one: str, other: str) -> None:
    assert not alike(one, other)


def test_short_texts_are_one_campaign_only_when_equal() -> None:
    assert alike("加V看片 123", "加V看片123")
    assert not alike("加V看片 123", "加V看片 124")


def test_two_children_who_say_the_same_few_words_are_two_alerts(store: Store, handler: Handler) -> None:
    assert not alike("我不想活了", "我不想活了", Harm.SELF_HARM, Stance.VICTIM)
    rows = [scored(n, "我不想活了", {Harm.SELF_HARM: 0.9}, Stance.VICTIM, author=who) for n, who in enumerate(("小雨", "阿成", ""))]
    again = scored(7, "我不想活了", {Harm.SELF_HARM: 0.9}, Stance.VICTIM, author="小雨", platform="bbs")
    handler.handle([*rows, again])
    assert sorted(alert.post_count for alert in alerts_of(store)) == [1, 1, 2]


def test_the_same_words_for_different_harms_are_different_alerts(store: Store, handler: Handler) -> None:
    handler.handle([scored(1, SKINS, FRAUD), scored(2, SKINS, {Harm.GAMBLING: 0.9})])
    assert [alert.harm for alert in alerts_of(store)] in ([[Harm.FRAUD], [Harm.GAMBLING]], [[Harm.GAMBLING], [Harm.FRAUD]])
    handler.handle([scored(3, SKINS, FRAUD | {Harm.GAMBLING: 0.8})])
    (alert,) = alerts_of(store)
    assert alert.harm == [Harm.GAMBLING, Harm.FRAUD], "by the order of the labels"
    check_whole(store)


def test_an_alert_takes_the_most_urgent_grade_and_nearest_deadline(store: Store, handler: Handler) -> None:
    handler.handle([scored(1, VAPES, {Harm.TOBACCO_ALCOHOL: 0.8})])
    (alert,) = alerts_of(store)
    assert (alert.grade, alert.policy) == (Grade.YELLOW, "tobacco-alcohol-offender@1")
    assert alert.deadline == at(minutes=66) + timedelta(hours=24)
    handler.handle([scored(2, VAPES, {Harm.TOBACCO_ALCOHOL: 0.7, Harm.DRUGS: 0.95}, Stance.VICTIM)])
    (alert,) = alerts_of(store)
    assert (alert.grade, alert.policy, alert.stance, alert.score) == (Grade.RED, "drugs-victim@2", Stance.VICTIM, 0.95)
    assert alert.deadline == at(minutes=127) + timedelta(hours=1)
    assert [event.kind for event in store.events(alert.id)] == ["raised", "regraded", "joined"]
    assert any("公安（禁毒）" in reason for reason in alert.reasons)
    assert any("《中华人民共和国禁毒法》" in reason for reason in alert.reasons)


def test_the_summary_is_one_masked_line(store: Store, handler: Handler) -> None:
    text = "三年级2班王小明同学\n天天被打，电话13800138000，大家都来骂他，看他还敢不敢告老师，有视频的都发出来让大家看看他那个样子"
    handler.handle([scored(1, text, {Harm.BULLYING: 0.9, Harm.DOXXING: 0.8}, platform="贴吧")])
    (alert,) = alerts_of(store)
    assert alert.summary == "学生欺凌与网络暴力、人肉搜索与隐私泄露（实施者）｜贴吧｜1帖｜" + alert.excerpt
    assert "\n" not in alert.summary
    assert len(alert.excerpt) <= 60
    for secret in ("王小明", "13800138000", "三年级2班"):
        assert secret not in alert.summary


def test_awareness_is_never_an_alert(store: Store, handler: Handler) -> None:
    handler.handle([scored(n, f"警方通报：{SKINS}", {harm: 0.99}, Stance.AWARENESS) for n, harm in enumerate(Harm)])
    assert alerts_of(store) == []


def test_cleared_posts_keep_a_pseudonym_alerted_ones_the_name(store: Store, handler: Handler) -> None:
    handler.handle(
        [
            scored(1, SKINS, FRAUD),
            scored(2, "今天天气不错", author="小红"),
            scored(3, "去跑步", author="小红"),
            scored(4, "早", author=""),
        ]
    )
    found = store.posts([scored(n, "x").post.id for n in (1, 2, 3, 4)])
    names = {post.post.native_id: post.post.author for post in found.values()}
    assert names["1"] == "作者1"
    assert names["2"] == names["3"] != "小红"
    assert len(names["2"]) == 32
    assert names["4"] == ""
    assert {post.outcome for post in found.values()} == {"alerted", "cleared"}


def test_pseudonyms_of_installations_differ_and_the_key_is_private(data: Path, tmp_path: Path) -> None:
    from alerting.pseudonyms import Pseudonyms

    here, there = Pseudonyms.open(data), Pseudonyms.open(tmp_path / "other")
    assert here.of("小红") != there.of("小红")
    assert Pseudonyms.open(data).of("小红") == here.of("小红")
    assert (data / "keys" / "author.key").stat().st_mode & 0o777 == 0o600
    assert len((data / "keys" / "author.key").read_bytes()) == 32


def test_many_processes_that_need_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from alerting.pseudonyms import Pseudonyms

    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: Pseudonyms.open(tmp_path).of("小红"), range(64)))
    assert len(keys) == 1
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["author.key"]


def edits() -> tuple:
    flagged = scored(1, SKINS, FRAUD, author="黑产")
    later = {"fetched_at": at(days=1)}
    return flagged, scored(1, "内容已被楼主编辑", author="黑产", **later), scored(1, "内容已被楼主编辑", author="改名", **later)


@pytest.mark.parametrize("renamed", [False, True])
def test_a_post_once_alerted_stays_alerted_whichever_revision_comes_first(data: Path, tmp_path: Path, renamed: bool) -> None:
    from humiao.settings import Settings
    from humiao.store import open_store
    from tests.alerting.stream import handler_on

    flagged, kept, other = edits()
    rows = [flagged, other if renamed else kept]
    results = []
    for number, order in enumerate((rows, rows[::-1])):
        folder = tmp_path / str(number)
        (folder / "keys").mkdir(parents=True)
        (folder / "keys" / "author.key").write_bytes(b"k" * 32)
        with open_store(Settings(data=folder)) as store:
            handler = handler_on(store, folder)
            for row in order:
                handler.handle([row])
            results.append(outcome(store))
            (alert,) = alerts_of(store)
            (post,) = store.posts([flagged.post.id]).values()
            assert (post.outcome, post.post.text) == ("alerted", "内容已被楼主编辑")
            assert (post.post.author == "黑产") is not renamed
            assert {one.post.text for one in store.evidence(alert.id)} == {SKINS, "内容已被楼主编辑"}
            check_whole(store)
    assert results[0] == results[1]


def test_a_post_edited_into_another_campaign_joins_both(store: Store, handler: Handler) -> None:
    handler.handle([scored(1, SKINS, FRAUD), scored(2, SKINS, FRAUD), scored(3, BETS, {Harm.GAMBLING: 0.9})])
    assert len(alerts_of(store)) == 2
    handler.handle([scored(2, BETS, {Harm.GAMBLING: 0.9}, fetched_at=at(days=2))])
    (alert,) = alerts_of(store)
    assert alert.post_count == 3
    assert len(alert.members) == 4
    check_whole(store)


def test_an_earlier_post_gives_the_alert_its_id_and_the_old_id_leads_there(store: Store, handler: Handler) -> None:
    handler.handle([scored(5, SKINS, FRAUD)])
    (before,) = alerts_of(store)
    handler.handle([scored(4, SKINS, FRAUD)])
    (after,) = alerts_of(store)
    assert after.leader == scored(4, SKINS, FRAUD).post.id
    old = store.alert(before.id).value
    assert (old.status, old.merged_into) == (Status.MERGED, after.id)
    assert [event.kind for event in store.events(before.id)] == ["raised", "merged"]
    assert [event.kind for event in store.events(after.id)] == ["raised", "merged"]
    check_whole(store)


def test_a_redelivered_post_adds_no_event(store: Store, handler: Handler) -> None:
    rows = [scored(n, SKINS, FRAUD) for n in range(3)]
    handler.handle(rows)
    (alert,) = alerts_of(store)
    before = store.events(alert.id), store.alert(alert.id)
    for _ in range(3):
        handler.handle(rows)
        handler.handle(rows[1:2])
    assert (store.events(alert.id), store.alert(alert.id)) == before


def test_the_posts_listed_end_at_a_thousand_and_the_count_does_not(store: Store, handler: Handler) -> None:
    rows = [scored(n, SKINS, FRAUD) for n in range(1005)]
    handler.handle(rows[5:])
    handler.handle(rows[:5])
    (alert,) = alerts_of(store)
    assert (alert.post_count, len(alert.posts)) == (1005, 1000)
    assert alert.posts[0] == rows[0].post.id
    handler.handle(rows)
    assert store.alert(alert.id).value.post_count == 1005
    check_whole(store)


def test_what_the_worker_stores_is_what_the_definition_says(store: Store, handler: Handler) -> None:
    rows = storm()
    handler.handle(rows)
    policies = shipped()
    findings = [
        Finding(row.post, row.verdict, policy)
        for row in rows
        if (policy := policies.judge(row.post, row.verdict).policy) is not None
    ]
    expected = [joined([single(one, policies, NOON) for one in group.findings], policies) for group in groups(findings, [])]
    got = {alert.id: alert.model_dump(exclude={"created_at"}) for alert in alerts_of(store)}
    assert got == {alert.id: alert.model_dump(exclude={"created_at"}) for alert in expected}


def test_a_message_that_is_no_scored_post_is_refused_whole(store: Store, handler: Handler) -> None:
    good, bad = scored(1, SKINS, FRAUD).to_json(), b'{"post": {}}'
    messages = [Message("scored", 0, n, "", value, {}, NOON) for n, value in enumerate((good, bad))]
    with pytest.raises(BadInput):
        handler(messages)
    assert alerts_of(store) == []
