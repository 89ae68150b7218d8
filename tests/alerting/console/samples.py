"""A store as after a busy day: about forty alerts of every grade, label and stance, with posts, evidence and history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from alerting.grades import GRADES
from humiao.alert import Alert, Grade, Status, StoredPost, alert_id
from humiao.blobs import Blobs
from humiao.event import GENESIS
from humiao.labels import HARM_NAMES, Harm, Sentiment, Stance
from humiao.masking import excerpt
from humiao.post import Capture, Post
from humiao.store import Store
from humiao.verdict import Change, Span
from tests.builders import make_alert, make_event, make_evidence, make_post, make_verdict

WARC = b"WARC/1.1\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>...</html>"


@dataclass(frozen=True)
class Sample:
    grade: Grade
    harms: dict[Harm, float]
    stance: Stance
    text: str
    key: str
    """The stretch of the text that explains the first harm."""
    title: str = ""
    place: str = "坂田街道"
    platforms: tuple[str, ...] = ("岗头论坛",)
    posts: int = 1
    minutes: int = 60
    """How long ago the last post was seen."""
    status: Status = Status.OPEN


H, S, G = Harm, Stance, Grade
CASES = [
    Sample(
        G.RED,
        {H.SELF_HARM: 0.97},
        S.VICTIM,
        "对不起大家，我真的撑不下去了，今晚以后你们就不用再担心我了。谢谢一直陪我说话的人😢",
        "今晚以后你们就不用再担心我了",
        "最后一次发帖",
        posts=2,
        minutes=14,
    ),
    Sample(
        G.RED,
        {H.SEXUAL: 0.95, H.CRIME_RECRUITMENT: 0.61},
        S.OFFENDER,
        "深夜上门放松，坂田全境半小时到，资料私聊加🐧 3148829917",
        "深夜上门放松",
        "夜间服务",
        platforms=("岗头论坛", "龙岗同城"),
        posts=7,
        minutes=31,
    ),
    Sample(
        G.RED,
        {H.CHILD_ABUSE: 0.91},
        S.WITNESS,
        "楼上那家每天晚上打孩子，昨天听到小孩哭着喊救命，五年级3班的陈小雨，胳膊上全是伤，有没有人管管",
        "每天晚上打孩子",
        "求助：邻居打孩子",
        place="杨美社区",
        minutes=150,
    ),
    Sample(
        G.RED,
        {H.TRAFFICKING: 0.88},
        S.OFFENDER,
        "刚出生的男宝，健康，有意领养的私聊，营养费面议，手续可以办",
        "有意领养的私聊，营养费面议",
        place="",
        platforms=("龙岗同城",),
        posts=3,
        minutes=200,
    ),
    Sample(
        G.ORANGE,
        {H.BULLYING: 0.94, H.DOXXING: 0.72},
        S.OFFENDER,
        "初二(3)班的李晓雯就是个小偷，手机号13812345678，大家一起骂她，明天放学校门口堵她",
        "大家一起骂她，明天放学校门口堵她",
        "曝光",
        "坂田实验学校",
        ("岗头论坛",),
        12,
        47,
    ),
    Sample(
        G.ORANGE,
        {H.DRUGS: 0.86},
        S.OFFENDER,
        "上头电子烟 现货 依托咪酯 坂田当面 学生可约 V♥ x: kk88zz2026",
        "上头电子烟 现货 依托咪酯",
        "",
        "坂田街道",
        ("龙岗同城", "岗头论坛", "某某贴吧"),
        23,
        9,
    ),
    Sample(
        G.ORANGE,
        {H.CRIME_RECRUITMENT: 0.9, H.FRAUD: 0.66},
        S.OFFENDER,
        "收银行卡四件套，日结800，未成年也行，跑分车队缺人，来了就有钱",
        "收银行卡四件套，日结800",
        "",
        "岗头社区",
        ("龙岗同城",),
        5,
        260,
    ),
    Sample(
        G.ORANGE,
        {H.VIOLENCE: 0.83},
        S.OFFENDER,
        "周五晚上八点 五和地铁口 带家伙 谁不来谁是孙子 南山那帮人等着",
        "带家伙 谁不来谁是孙子",
        "约架",
        "五和",
        ("岗头论坛",),
        4,
        33,
    ),
    Sample(
        G.YELLOW,
        {H.ILLEGAL_VENUES: 0.81},
        S.OFFENDER,
        "XX网咖 通宵15元 不用身份证 报我名字就行 学生随便上",
        "不用身份证",
        "周末包夜",
        "岗头社区",
        ("岗头论坛",),
        2,
        400,
    ),
    Sample(
        G.YELLOW,
        {H.TOBACCO_ALCOHOL: 0.84},
        S.WITNESS,
        "实验学校后门那个小卖部在卖散烟给学生，一块钱一根，校服都没脱",
        "卖散烟给学生",
        "",
        "坂田实验学校",
        ("岗头论坛",),
        1,
        800,
    ),
    Sample(
        G.YELLOW,
        {H.GAMBLING: 0.92},
        S.OFFENDER,
        "开箱网站 首充翻倍 可提现 📦📦 CSGO 皮肤直接换钱 学生党月入过万",
        "开箱网站 首充翻倍 可提现",
        "",
        "",
        ("龙岗同城", "岗头论坛"),
        41,
        18,
    ),
    Sample(
        G.YELLOW,
        {H.DANGEROUS_ACTS: 0.77},
        S.OFFENDER,
        "今晚坂雪岗大道鬼火集合，16岁以上的来，炸街走起🏍️",
        "鬼火集合",
        "",
        "坂雪岗大道",
        ("岗头论坛",),
        6,
        55,
    ),
    Sample(
        G.YELLOW,
        {H.FRAUD: 0.89},
        S.OFFENDER,
        "免费领皮肤！扫码用爸妈手机配合一下就行，名额有限先到先得",
        "扫码用爸妈手机",
        "",
        "",
        ("龙岗同城",),
        17,
        92,
    ),
    Sample(
        G.BLUE,
        {H.ADDICTION_SPENDING: 0.74},
        S.OFFENDER,
        "出租王者荣耀成人号 不限时间 5元一小时 小学生也能玩",
        "成人号 不限时间",
        "",
        "",
        ("龙岗同城",),
        9,
        500,
    ),
    Sample(
        G.BLUE,
        {H.BULLYING: 0.64},
        S.OFFENDER,
        "你长这样也好意思发自拍？笑死，全班都在笑你",
        "全班都在笑你",
        "",
        "坂田街道",
        ("岗头论坛",),
        1,
        1300,
    ),
]
LONG_EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)> 转发这条的人 javascript:alert(3) " + "很长的帖子，" * 300


def seed(store: Store, folder: Path, now: datetime) -> list[Alert]:
    """Fill `store` (and the blobs in `folder`) with what happened before `now`; returns the alerts, CASES first."""
    blobs = Blobs(folder / "blobs")
    alerts = []
    for number in range(40):
        case = CASES[number % len(CASES)]
        past = number // len(CASES)
        status = case.status if not past else (Status.OPEN, Status.CONFIRMED, Status.DISMISSED)[(number + past) % 3]
        alerts.append(_file(store, blobs, case, number, now - timedelta(minutes=case.minutes + past * 190), status))
    alerts.append(_spike(store, now))
    for number in range(30):
        post = make_post(
            native_id=f"calm{number}",
            url=f"https://bbs.example.org/t/9{number}",
            title="周末去哪里玩",
            text=f"第{number}次问：附近有没有适合小学生的图书馆？我家孩子在三年级2班",
            ts=now - timedelta(minutes=number * 7),
            author="a1b2c3",
        )
        store.put_posts([StoredPost(post=post, verdict=make_verdict(post), outcome="cleared", handled_at=now)])
    return alerts


def _file(store: Store, blobs: Blobs, case: Sample, number: int, last: datetime, status: Status) -> Alert:
    posts = []
    for index in range(case.posts):
        text = case.text if index % 3 != 1 else f"{case.text} 转{'!' * index}"
        posts.append(_post(case, number, index, text, last - timedelta(minutes=11 * (case.posts - 1 - index)), blobs))
    if number == 4:
        posts.append(_post(case, number, 99, LONG_EVIL, last, blobs))
    id = alert_id("content", posts[0].id)
    found = [(post, _verdict(case, post)) for post in posts]
    deadline = posts[0].ts + timedelta(hours=GRADES[case.grade].hours)
    decided = {} if status is Status.OPEN else {"decided_by": "wang", "decided_at": last + timedelta(minutes=20)}
    alert = make_alert(
        id=id, leader=posts[0].id, leader_ts=posts[0].ts, grade=case.grade, harm=list(case.harms), stance=case.stance, place=case.place,
        platforms=list(case.platforms), first_seen=posts[0].ts, last_seen=last, posts=[post.id for post in posts], post_count=len(posts),
        deadline=deadline, policy=f"{next(iter(case.harms)).value}@3", score=max(case.harms.values()), status=status,
        summary=f"{HARM_NAMES[next(iter(case.harms))]}｜{case.platforms[0]}｜{len(posts)}帖｜{excerpt(case.text)}", excerpt=excerpt(case.text),
        reasons=[f"命中标签：{'、'.join(HARM_NAMES[one] for one in case.harms)}；最高概率 {max(case.harms.values()):.2f}", f"策略 {next(iter(case.harms)).value}@3 定级", "牵头部门：公安、教育", "依据：未成年人保护法第三十九条、第七十七条；未成年人网络保护条例第二十六条"],
        created_at=last, keys=[f"k{number}"], **decided,
    )  # fmt: skip
    store.put_alert(alert, None)
    store.put_posts(
        [StoredPost(post=post, verdict=verdict, outcome="alerted", alert=id, handled_at=last) for post, verdict in found]
    )
    store.put_evidence(
        [
            make_evidence(
                post, id, verdict=verdict, capture=post.capture, blob=post.capture.sha256 if post.capture else "", kept_at=last
            )
            for post, verdict in found
        ]
    )
    _history(store, alert, posts, last)
    return alert


def _post(case: Sample, number: int, index: int, text: str, ts: datetime, blobs: Blobs) -> Post:
    platform = case.platforms[index % len(case.platforms)]
    url = f"https://bbs.example.org/thread-{number}-{index}.html"
    capture = None
    if index % 4 != 3:
        content = WARC + f"{number}/{index}".encode()
        sha256 = blobs.put(content)
        capture = Capture(
            file="bbs.warc.gz",
            record_id=f"urn:uuid:{number}-{index}",
            offset=0,
            length=len(content),
            sha256=sha256,
            payload_sha256=sha256,
            url=url,
            captured_at=ts + timedelta(minutes=1),
        )
        if number == 5 and index == 1:
            blobs.path(sha256).write_bytes(b"tampered")
        if number == 5 and index == 2:
            blobs.path(sha256).unlink()
    return make_post(
        platform=platform,
        board="综合讨论",
        url=url,
        native_id=f"{number}.{index}",
        title=case.title,
        author=("匿名用户", "坂田小王子", "阿May爱饮茶", "🐱喵星人")[(number + index) % 4],
        text=text,
        ts=ts,
        capture=capture,
        fetched_at=ts + timedelta(minutes=1),
    )


def _verdict(case: Sample, post: Post):
    spans, changes = [], []
    if case.key in post.text:
        start = post.text.index(case.key)
        middle = start + len(case.key) // 2
        first = next(iter(case.harms))
        spans = [
            Span(start=start, end=start + len(case.key), harm=first, weight=0.62),
            Span(start=middle, end=min(middle + 9, len(post.text)), harm=list(case.harms)[-1], weight=0.21),
        ]
    if "♥" in post.text:
        at = post.text.index("♥")
        changes = [
            Change(start=at, end=at + 1, before="V♥ x", after="微信", reason="变体还原"),
            Change(start=0, end=2, before="　", after="", reason="全角空格"),
        ]
    return make_verdict(
        post,
        flags=case.harms,
        stance=case.stance,
        sentiment=Sentiment.NEGATIVE,
        spans=spans,
        changes=changes,
        model="humiao-zh@2026.11",
        thresholds=dict.fromkeys(case.harms, 0.55),
    )


def _history(store: Store, alert: Alert, posts: list[Post], last: datetime) -> None:
    entries = [
        (
            "raised",
            "system:alert",
            {"grade": alert.grade.value, "policy": alert.policy, "added": [f"{posts[0].id}/{posts[0].revision}"]},
            posts[0].ts,
        )
    ]
    if len(posts) > 1:
        entries.append(
            (
                "joined",
                "system:alert",
                {"added": [f"{post.id}/{post.revision}" for post in posts[1:3]], "grade": alert.grade.value},
                last,
            )
        )
    if alert.status is not Status.OPEN:
        decision = "confirm" if alert.status is Status.CONFIRMED else "dismiss"
        entries.append(
            ("decided", "wang", {"decision": decision, "reason": "已转派出所，学校同步知悉"}, last + timedelta(minutes=20))
        )
    prev = GENESIS
    for seq, (kind, actor, data, at) in enumerate(entries, start=1):
        event = make_event(alert.id, seq, prev, kind=kind, actor=actor, data=data, at=at)
        store.append_event(event)
        prev = event.hash


def _spike(store: Store, now: datetime) -> Alert:
    alert = make_alert(
        id=alert_id("spike", "bbs"), kind="spike", grade=Grade.YELLOW, harm=[], stance=Stance.OTHER, place="坂田实验学校", platforms=["岗头论坛"], posts=[], post_count=63,
        summary="负面情绪突增｜岗头论坛 校园生活｜3小时内63帖，平时约8.4帖", reasons=["3 小时内负面帖 63 条，平时同时段约 8.4 条"], score=9.7, policy="mood@1", deadline=now + timedelta(hours=20),
        leader="bbs/校园生活", leader_ts=now - timedelta(hours=3), first_seen=now - timedelta(hours=3), last_seen=now - timedelta(minutes=5), created_at=now, keys=["spike"],
    )  # fmt: skip
    store.put_alert(alert, None)
    store.append_event(make_event(alert.id, at=now))
    return alert
