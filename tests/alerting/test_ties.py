"""What ties posts to one incident beside their wording, and what does not."""

import pytest

from alerting import wording
from alerting.contacts import contacts, masked
from alerting.handler import Handler
from humiao.labels import Harm, Stance
from humiao.store import Store
from tests.alerting.stream import alerts_of, check_whole, scored
from tests.builders import at, make_post, make_verdict

SELLERS = (
    "有没有要电子烟的同学，口味齐全支持送到校门口，加vx {}",
    "上课太困？提神小药片了解一下，薇信：{}",
    "代打代练日结，学生也可以，QQ {}",
)
NETBARS = "{}网吧暑假特惠，不用身份证就能上机，学生通宵二十块，就在地铁口旁边"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("加vx skin8888 领取", ["skin8888"]),
        ("V❤信：s k i n 8 8 8 8", ["skin8888"]),
        ("薇信 ｓｋｉｎ８８８８", ["skin8888"]),
        ("微信号：wang_xm-88", ["wangxm88"]),
        ("电话一三八 一二三四 五六七八", ["13812345678"]),
        ("138-1234-5678，微信同号", ["13812345678"]),
        ("QQ群:66778899 加wx abc123456", ["66778899", "abc123456"]),
        ("进 www.abc-x.top/a 看", ["abc-x.top"]),
        ("t.me/luckyboy88", ["t.me/luckyboy88"]),
        ("打110、12355或12345，400-800-8888", []),
        ("官网 www.baidu.com，www.sz.gov.cn", []),
        ("电话1390000xxxx", []),
        ("二零二六年三月，第一二三四五六七组", []),
        ("微信支付失败 error12345", []),
    ],
)
def test_contacts_are_reduced_to_what_stays(text, found):
    assert contacts(text) == found


def test_a_contact_is_shown_by_its_ends_only():
    assert masked("13812345678") == "13*******78"
    assert masked("skin88") == "sk***88"


def test_different_adverts_with_the_same_contact_are_one_alert(store: Store, handler: Handler):
    harms = (Harm.TOBACCO_ALCOHOL, Harm.DRUGS, Harm.FRAUD)
    handler.handle(
        [scored(n, text.format("skin8888"), {harm: 0.9}) for n, (text, harm) in enumerate(zip(SELLERS, harms, strict=True))]
    )
    (alert,) = alerts_of(store)
    assert alert.post_count == 3
    assert "并案依据：同一联系方式（sk****88）" in alert.reasons
    assert "skin8888" not in " ".join(alert.reasons)
    check_whole(store)


def test_different_adverts_with_different_contacts_are_as_many_alerts(store: Store, handler: Handler):
    handler.handle([scored(n, text.format(f"skin888{n}"), {Harm.FRAUD: 0.9}) for n, text in enumerate(SELLERS)])
    assert [alert.post_count for alert in alerts_of(store)] == [1, 1, 1]
    assert not any("并案依据" in reason for alert in alerts_of(store) for reason in alert.reasons)


def test_one_advert_for_two_shops_is_two_alerts(store: Store, handler: Handler):
    texts = [NETBARS.format("星光"), NETBARS.format("蓝海"), "转：" + NETBARS.format("星光"), NETBARS.format("蓝海") + "，快来"]
    handler.handle([scored(n, text, {Harm.ILLEGAL_VENUES: 0.9}) for n, text in enumerate(texts)])
    assert sorted(alert.post_count for alert in alerts_of(store)) == [2, 2]
    check_whole(store)


def test_words_before_a_kind_of_shop_that_name_none_do_not_part_it():
    def alike(one: str, other: str) -> bool:
        posts = [make_post(native_id=str(n), text=NETBARS.format(name)) for n, name in enumerate((one, other))]
        return 1 in wording.Comparison([wording.shape(post, make_verdict(post, flags={Harm.FRAUD: 0.9})) for post in posts]).alike(
            0
        )

    assert alike("附近", "学校")
    assert not alike("星光", "蓝海")


def test_a_kind_of_shop_is_no_name_of_one():
    assert wording.named("白鲸电竞酒店五人间登记一个人的证就行", make_verdict(make_post())) == ["白鲸"]


def test_posts_against_a_person_in_one_thread_are_one_alert(store: Store, handler: Handler):
    harm = {Harm.BULLYING: 0.9}
    handler.handle(
        [
            scored(1, "三班那个胖子今天又哭了，笑死", harm, platform="bbs"),
            scored(2, "他就该被打，明天厕所见", harm, platform="bbs", reply_to="1"),
            scored(3, "打他的时候叫上我", harm, platform="bbs", reply_to="1"),
            scored(4, "天天欺负同学的人才该退学，看见他就恶心", harm, platform="bbs"),
        ]
    )
    assert sorted(alert.post_count for alert in alerts_of(store)) == [1, 3]
    thread = max(alerts_of(store), key=lambda alert: alert.post_count)
    assert "并案依据：同一主题帖" in thread.reasons
    check_whole(store)


def test_adverts_in_one_thread_are_not(store: Store, handler: Handler):
    rows = [
        scored(n, text.format(f"skin888{n}"), {Harm.FRAUD: 0.9}, platform="bbs", reply_to="77") for n, text in enumerate(SELLERS)
    ]
    handler.handle(rows)
    assert len(alerts_of(store)) == 3


def test_children_who_cry_for_help_in_one_thread_are_each_an_alert(store: Store, handler: Handler):
    crisis = {Harm.SELF_HARM: 0.9, Harm.BULLYING: 0.8}
    handler.handle(
        [
            scored(1, "每天都想从楼上跳下去，没人在乎我", crisis, Stance.VICTIM, author="小雨", platform="bbs", reply_to="50"),
            scored(2, "我已经写好遗书了，对不起妈妈", crisis, Stance.VICTIM, author="阿成", platform="bbs", reply_to="50"),
            scored(3, "昨晚又割了，血止不住，好累", crisis, Stance.VICTIM, author="小雨", platform="bbs", reply_to="50"),
        ]
    )
    assert sorted(alert.post_count for alert in alerts_of(store)) == [1, 2]
    both = max(alerts_of(store), key=lambda alert: alert.post_count)
    assert "并案依据：同一发帖人（小**）" in both.reasons


def test_posts_about_the_same_person_on_one_board_are_one_alert(store: Store, handler: Handler):
    harm = {Harm.DOXXING: 0.9}
    texts = ("谁有林嘉怡的照片发群里看看", "林嘉怡家住坂田那边，周末都在图书馆", "周浩然的电话发我一下")
    handler.handle([scored(n, text, harm, platform="bbs", place="") for n, text in enumerate(texts)])
    assert sorted(alert.post_count for alert in alerts_of(store)) == [1, 2]
    both = max(alerts_of(store), key=lambda alert: alert.post_count)
    assert "并案依据：同一当事人（林**）" in both.reasons
    assert "嘉怡" not in both.model_dump_json(exclude={"excerpt"})


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_post_that_ties_two_alerts_makes_them_one(store: Store, handler: Handler, order):
    rows = [
        scored(1, SELLERS[0].format("skin8888"), {Harm.TOBACCO_ALCOHOL: 0.9}),
        scored(2, "两个号都能找到我，vx skin8888 或者 qq 66778899", {Harm.FRAUD: 0.9}),
        scored(3, SELLERS[2].format("66778899"), {Harm.FRAUD: 0.9}),
    ]
    for place in order:
        handler.handle([rows[place]])
    (alert,) = alerts_of(store)
    assert alert.post_count == 3
    check_whole(store)


def test_a_short_insult_is_one_alert_on_a_board_and_a_day_only(store: Store, handler: Handler):
    def said(n: int, board: str = "初二", day: int = 0):
        return scored(
            n,
            "滚吧没人想看见你",
            {Harm.BULLYING: 0.9},
            platform="bbs",
            board=board,
            ts=at(days=day, seconds=n),
            fetched_at=at(days=day, minutes=9),
        )

    other = said(50, board="初三").model_copy(update={"verdict": scored(50, "x", {Harm.BULLYING: 0.9, Harm.FRAUD: 0.6}).verdict})
    handler.handle(
        [
            *(said(n) for n in range(30)),
            other.model_copy(update={"verdict": other.verdict.model_copy(update={"id": other.post.id})}),
            said(51, day=1),
        ]
    )
    assert sorted(alert.post_count for alert in alerts_of(store)) == [1, 1, 30]
    check_whole(store)
