"""Streams of scored posts for the alert stage's tests, and what must come out of them whatever happens on the way."""

import random
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from alerting.handler import Handler
from alerting.policies import Policies
from humiao.alert import Alert, Status
from humiao.event import broken_links
from humiao.labels import Harm, Stance
from humiao.store import AlertFilter, PostFilter, Store
from humiao.verdict import Scored
from tests.builders import NOON, at, make_post, make_verdict

SKINS = "免费领取游戏皮肤，关注后私信发送截图即可领取，名额有限先到先得，家长手机扫码验证即可到账"
BETS = "足球竞猜群今晚开盘，稳赚不赔带你回血，新人首充送彩金，想赚零花钱的同学赶紧上车跟单"
VAPES = "学校门口小店有货，水果味上头小烟支持送到宿舍楼下，熟人介绍八折，不查证件放心拿"
TWISTS = ("", "！！！", "🔥🔥", "加vx{n}12345", "QQ{n}998877", "～速来", "（第{n}批）", "电话138{n:04d}5678")


BRIDGED = (SKINS[:-7].replace("，", "") + "甲乙丙丁戊己庚", SKINS, "子丑寅卯辰巳午" + SKINS.replace("，", "")[7:])
"""The first and the last are no campaign, but the one between is like both."""


def scored(n: int, text: str, flags: dict[Harm, float] | None = None, stance: Stance = Stance.OFFENDER, **over: Any) -> Scored:
    """Post number `n`, an hour and a bit after the one before."""
    fields = {
        "native_id": str(n),
        "text": text,
        "author": f"作者{n % 17}",
        "ts": at(minutes=61 * n),
        "fetched_at": at(minutes=61 * n + 5),
        "platform": ("bbs", "贴吧", "短视频")[n % 3],
        "place": ("", "坂田街道", "岗头社区")[n % 3],
        "title": "",
    }
    post = make_post(**(fields | over))
    return Scored(post=post, verdict=make_verdict(post, flags=flags, stance=stance if flags else Stance.OTHER))


def twisted(text: str, n: int) -> str:
    """A repost of `text`: other contacts and decoration, some with a word exchanged."""
    words = text.replace("赶紧", "马上") if n % 4 == 1 else text.replace("即可", "就能", 1) if n % 4 == 2 else text
    return words + TWISTS[n % len(TWISTS)].format(n=n)


def storm(count: int = 120, seed: int = 0) -> list[Scored]:
    """Three campaigns with variations, lone posts, chains of drifting wordings, edits both ways and harmless talk."""
    dice = random.Random(seed)
    rows: list[Scored] = []
    for n in range(count):
        kind = n % 8
        p = round(dice.uniform(0.6, 0.99), 4)
        if kind == 0:
            rows.append(scored(n, twisted(SKINS, n), {Harm.FRAUD: p}))
        elif kind == 1:
            rows.append(scored(n, twisted(BETS, n), {Harm.GAMBLING: p} | ({Harm.FRAUD: 0.7} if n % 3 else {})))
        elif kind == 2:
            rows.append(scored(n, twisted(VAPES, n), {Harm.TOBACCO_ALCOHOL: p} | ({Harm.DRUGS: 0.66} if n == 42 else {})))
        elif kind == 3:
            rows.append(
                scored(
                    n,
                    f"我被{'甲乙丙丁戊己庚辛'[n % 8]}班的人堵在厕所里打了，谁能帮帮我，我真的很怕{'啊' * (n % 5)}",
                    {Harm.BULLYING: p},
                    Stance.VICTIM,
                )
            )
        elif kind == 4:
            rows.append(
                scored(n, "不想活了" if n % 3 else "约架 广场", {Harm.SELF_HARM if n % 3 else Harm.VIOLENCE: p}, Stance.VICTIM)
            )
        elif kind == 5:
            drift = "".join(chr(0x4E00 + (n * 3 + step) % 200) for step in range(60))  # neighbours overlap, far ones do not
            rows.append(scored(n, drift, {Harm.ADDICTION_SPENDING: p}, Stance.OTHER))
        else:
            rows.append(scored(n, f"今天第{n}次去图书馆，人不多，挺安静的", None))
    edits = []
    for n in range(0, count, 10):
        row = rows[n]
        later = {"fetched_at": row.post.fetched_at + timedelta(hours=9)} if row.post.fetched_at else {}
        if row.verdict.flags:  # made harmless, half of them under another name
            author = row.post.author if n % 20 else "改名后"
            edits.append(scored(n, f"已删除，第{n}楼抱歉", None, **later, author=author))
        else:  # made harmful
            edits.append(scored(n, twisted(SKINS, n + 1), {Harm.FRAUD: 0.8}, **later))
    return rows + edits


def outcome(store: Store) -> dict[str, Any]:
    """What must not depend on the order of arrival: alerts but for when they were written, posts but for when handled."""
    alerts = [alert.model_dump(exclude={"created_at"}) for alert in alerts_of(store)]
    found = store.search("", PostFilter(), limit=5000)
    posts = [hit.post.model_dump(exclude={"handled_at"}) for hit in found.items]
    evidence = {alert["id"]: [one.id for one in store.evidence(alert["id"])] for alert in alerts}
    return {"alerts": alerts, "posts": posts, "evidence": evidence}


def alerts_of(store: Store, *statuses: Status) -> list[Alert]:
    """All alerts with one of `statuses`, by default those shown."""
    narrow = AlertFilter(statuses=frozenset(statuses) if statuses else None)
    return sorted(store.alerts(narrow, limit=5000).items, key=lambda alert: alert.id)


def deliver(handler: Handler, rows: Sequence[Scored], dice: random.Random | None = None) -> None:
    """Hand `rows` over in batches, some of them twice."""
    dice = dice or random.Random(1)
    place = 0
    while place < len(rows):
        size = dice.choice((1, 2, 5, 17, 60))
        handler.handle(rows[place : place + size])
        if dice.random() < 0.3:
            back = max(0, place - dice.randrange(20))
            handler.handle(rows[back : place + size])
        place += size


def check_whole(store: Store) -> None:
    """Chains unbroken, every alerted post in exactly one alert, every pointer to a live alert."""
    live = alerts_of(store)
    seats: dict[str, str] = {}
    for alert in live:
        chain = store.events(alert.id)
        assert chain
        assert broken_links(chain) == []
        named = {one.split("/")[0] for event in chain for one in event.data.get("added", ())}
        for post in {member.split(" ")[1] for member in alert.members}:
            assert post not in seats, "a post in two alerts"
            seats[post] = alert.id
            assert post in named, "a post that the chain does not tell of"
    for alert in alerts_of(store, Status.MERGED):
        assert broken_links(store.events(alert.id)) == []
        assert store.evidence(alert.id) == []
    stored = {hit.post.post.id: hit.post for hit in store.search("", PostFilter(), limit=5000).items}
    for id, post in stored.items():
        assert post.alert == seats.get(id, "")
        assert post.outcome == ("alerted" if post.alert else "cleared")
    assert set(seats) <= set(stored)


def handler_on(store: Store, data: Any, policies: Policies | None = None) -> Handler:
    """A worker whose clock stands still."""
    return Handler(store, data, policies or shipped(), lambda: NOON + timedelta(days=9))


@cache
def shipped() -> Policies:
    """The shipped policies, read once."""
    return Policies.load()
