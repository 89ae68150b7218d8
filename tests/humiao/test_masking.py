"""Masking: what identifies a child goes, what the post says stays readable."""

import pytest

from alerting.summary import content_line, spike_line
from humiao.labels import Harm, Stance
from humiao.masking import excerpt, mask

MASKED = [
    ("打我电话13812345678", "打我电话138******78"),
    ("手机 138-1234-5678 微信同号", "手机 138********78 微信同号"),
    ("138 1234 5678", "138********78"),
    ("+8613812345678", "+86*********78"),
    ("１３８１２３４５６７８", "１３８******７８"),
    ("座机0755-28881234", "座机075********34"),
    ("身份证440301201001011234", "身份证440*************34"),
    ("身份证44030120100101123X", "身份证440*************3X"),
    ("邮箱xiaoming.wang@example.com", "邮箱x***@example.com"),
    ("加微信abc123456", "加微信a********"),
    ("微信号：wang_xm-88", "微信号：w*********"),
    ("加薇信 skin8888 领取", "加薇信 s******* 领取"),
    ("vx:skin8888", "vx:s*******"),
    ("VX skin8888", "VX s*******"),
    ("QQ 123456789", "QQ 1********"),
    ("扣扣群号是66778899", "扣扣群号是6*******"),
    ("qq群:66778899", "qq群:6*******"),
    ("抖音号 dy12345678", "抖音号 d*********"),
    ("三年级2班", "*年级*班"),
    ("三年级（2）班的同学", "*年级*班的同学"),
    ("我在初一5班", "我在*年级*班"),
    ("高二(13)班", "*年级*班"),
    ("七（4）班今天体育课", "*年级*班今天体育课"),
    ("六年级十二班", "*年级*班"),
    ("我弟读五年级", "我弟读*年级"),
    ("住3栋2单元501室", "住*栋"),
    ("12号楼1203", "*号楼"),
    ("A座1502室", "*座"),
    ("在308宿舍", "在***室"),
    ("她叫王小明", "她叫王**"),
    ("名叫李雷的男生", "名叫李*的男生"),
    ("名字是欧阳娜娜，大家记住", "名字是欧***，大家记住"),
    ("姓名：陈思远", "姓名：陈**"),
    ("学生张伟被打", "学生张*被打"),
    ("女生周雨桐，住坂田", "女生周**，住坂田"),
    ("受害人赵一诺", "受害人赵**"),
    ("李晓雯同学加油", "李**同学加油"),
    ("谢谢王小明同学", "谢谢王**同学"),
    ("是刘洋同学说的", "是刘*同学说的"),
    ("卡号6222021234567890123", "卡号622**************23"),
    ("学号20210304567", "学号202******67"),
    ("银行卡 62220212345678901", "银行卡 622************01"),
]
KEPT = [
    "今天气温38度，订单有12345条",
    "他叫我明天去",
    "叫什么名字",
    "大声叫救命",
    "老板叫大家加班",
    "三班倒，很累",
    "两个班一起上课",
    "2026年3月2日20:15发的",
    "百分之95.5的家长同意",
    "有人在群里骂人",
    "高三学生压力大",
    "学生们都在操场",
    "同学之间要友爱",
    "孩子常常被骂",
    "高中学生和高三同学都来了",
    "让那个女孩向大家道歉",
    "同学曾经帮过我",
    "打110报警，或者12345、12355",
    "王者荣耀真好玩",
    "微信支付失败了",
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_what_identifies_is_masked(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_what_does_not_identify_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("text", [text for text, _ in MASKED])
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_masking_stays_fast_on_long_and_nasty_texts() -> None:
    for unit in ("1", "138 ", "叫王", "a@", "三年级", "(((", "微信", "是的", "加vx ", "王" * 40 + " "):
        mask(unit * (20_000 // len(unit)))


def test_an_excerpt_is_one_line_of_sixty_characters_at_most() -> None:
    text = "第一行\n\n第二行  叫王小明，" + "很长" * 100
    cut = excerpt(text)
    assert cut.startswith("第一行 第二行 叫王**，")
    assert len(cut) == 60
    assert cut.endswith("…")
    assert excerpt("短") == "短"


def test_an_excerpt_is_masked_before_it_is_cut() -> None:
    for lead in range(40, 62):
        assert "1381234" not in excerpt("好" * lead + "13812345678")


def test_lines_for_the_queue() -> None:
    harm = [Harm.BULLYING, Harm.DOXXING, Harm.SELF_HARM, Harm.VIOLENCE]
    line = content_line(harm, Stance.VICTIM, ["bbs", "贴吧"], 12, "救救我")
    assert line == "学生欺凌与网络暴力、人肉搜索与隐私泄露、自伤自杀与心理危机等4个（受害者）｜bbs、贴吧｜12帖｜救救我"
    assert spike_line("bbs", "家长里短", 40, 2.34, 3) == "负面情绪突增｜bbs 家长里短｜3小时内40帖，平时约2.3帖"
