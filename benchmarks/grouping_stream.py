"""A labelled stream of flagged posts: which of them are one incident is known, because they were made so.

Two banks of templates: ``tuning`` was looked at while links and limits were chosen, ``held`` was written apart and only run. In a
template ``[a|b]`` is chosen anew for each post. All names, numbers and shops are invented.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from opencc import OpenCC

from humiao.labels import Harm, Stance
from humiao.verdict import Scored
from tests.builders import NOON, make_post, make_verdict

HARMS = [Harm.TOBACCO_ALCOHOL, Harm.FRAUD, Harm.GAMBLING, Harm.DRUGS, Harm.CRIME_RECRUITMENT, Harm.ADDICTION_SPENDING]
ADVERTS = {  # an advert is one clause of each row, the same for all posts of a campaign
    "tuning": [
        [
            "[同学们|各位同学]看过来",
            "[急|急招]",
            "[老板|店家]跑路清仓",
            "[最后|仅剩]三天",
            "刚[开|建]的新群",
            "[姐妹们|兄弟们]冲",
            "[内部|独家]渠道",
            "老客户[都懂|知道]",
        ],
        [
            "冰爽小烟[到货|上新]",
            "狐狸套装[白送|免费领]",
            "雷霆宝箱[开箱返现|开箱有奖]",
            "黑糖片[有货|现货]",
            "帮人转账[拿提成|抽成]",
            "满级号[出租|租用]",
            "深夜竞猜[开盘|开局]",
            "期末答案[预售|预订]",
            "星钻盲盒[半价|打折]",
            "气球罐子[包邮|送货]",
        ],
        [
            "[口味|款式]齐全随便挑",
            "[扫码|点链接]登录就能领",
            "[新人|新号]首单送五十",
            "一口就[飘|上头]",
            "每天[两小时|一会儿]轻松三百",
            "不限时[全天|整夜]玩",
            "[包过|包对]不对退款",
            "[翻倍|加倍]返还到账快",
        ],
        [
            "[不用|不看]身份证",
            "[学生|未成年]也可以",
            "[放学|周末]来拿",
            "[零花钱|压岁钱]就够",
            "[家长|老师]发现不了",
            "用爸妈手机[付|扫]一下",
            "[绕过|跳过]防沉迷",
            "[书包|口袋]放得下",
        ],
        [
            "[同城|本地]面交",
            "[跑腿|快递]送到校门口",
            "[网盘|云盘]秒发",
            "[支持|可以]货到付款",
            "先[验|看]后付",
            "[满三件|满百]包邮",
            "[地铁口|公园]自取",
            "[当天|隔天]到手",
        ],
        [
            "[靠谱|诚信]三年老店",
            "[名额|数量]不多手慢无",
            "[假一赔十|不满意退]",
            "[拉人|带人]有奖励",
            "[非诚|闲人]勿扰",
            "长期[有效|招人]",
            "[截图|录屏]为证",
            "[懂的来|不懂别问]",
        ],
    ],
    "held": [
        [
            "[打工人|学生党]必看",
            "[周年|开业]庆典",
            "[亲测|实测]有效",
            "[缺人|补位]两个",
            "[群主|管理]换号了",
            "[表弟|朋友]托我问",
            "[昨天|前天]没抢到的",
            "[独一份|别家没有]",
        ],
        [
            "薄荷弹[补货|回归]",
            "新春头像框[大放送|大派送]",
            "球赛竞猜[开赛|进行中]",
            "止咳水[两瓶起|三瓶起]",
            "挂机接电话[招工|招人]",
            "点券[代充|代付]",
            "电竞战队[押注|下注]",
            "月考卷子[提前看|抢先看]",
            "可乐烟杆[团购|拼团]",
            "收快递卡[高价|溢价]",
        ],
        [
            "[抽着|吸着]不呛喉",
            "[填表|报名]就送八十八",
            "赢了[翻番|双倍]输了退半",
            "[不要|不用]处方直接拿",
            "[坐着|躺着]把钱挣了",
            "比[官方|商店]便宜一半",
            "[改分|排名]随你心意",
            "[三分钟|五分钟]见效",
        ],
        [
            "[十五|十六]岁以上都收",
            "[押金|保证金]能退",
            "[查不到|没有]记录",
            "包装[换成|印成]零食",
            "[初中|高中]生优先",
            "[花呗|亲情卡]能刷",
            "[老师|宿管]不会管",
            "[实名|人脸]我们来弄",
        ],
        [
            "[门卫|小卖部]代取",
            "[楼道|车棚]交接",
            "[邮箱|群文件]自提",
            "[夜里|凌晨]发货",
            "[坐公交|骑车]十分钟",
            "[打包|整箱]更便宜",
            "[先做|先试]一单",
            "[代收|代送]加两块",
        ],
        [
            "[出事|有事]公司担着",
            "[转发|点赞]再减十块",
            "[错过|今天不来]等明年",
            "[售后|客服]随时在",
            "[老地方|原来那]见",
            "[备注|说]暗号",
            "[看完|加完]就删",
            "[只限|仅限]本周",
        ],
    ],
}
SHOPS = {
    "tuning": [
        (
            Harm.ILLEGAL_VENUES,
            "{shop}网吧暑假[特惠|大酬宾]，[不用|不看]身份证[就能|都能]上机，学生通宵[二十|十八]块，空调足零食多，[地铁口|站口]旁边，{contact}",
        ),
        (
            Harm.TOBACCO_ALCOHOL,
            "{shop}便利店[散装|零卖]香烟，一根[两块|一块五]，[学生|小孩]来也[卖|拿]，[放学|下课]排队，[老板|店主]说别声张，{contact}",
        ),
    ],
    "held": [
        (
            Harm.ILLEGAL_VENUES,
            "{shop}台球[周末|周六]包场，[未成年|小朋友]也欢迎，[啤酒|鸡尾酒]买一送一，玩到[两点|三点]，[楼上|里面]能过夜，{contact}",
        ),
        (
            Harm.ILLEGAL_VENUES,
            "{shop}电竞酒店[五人|四人]间，[登记|押]一个人的证就[行|好]，[学生证|校服]打折，[隔音|私密]好，[查房|有人问]会提前说，{contact}",
        ),
    ],
}
NAMES = {
    "tuning": [
        "星光",
        "蓝海",
        "极速",
        "大熊",
        "银河",
        "花园",
        "小鹿",
        "北极",
        "红树",
        "天鹅",
        "雷鸣",
        "金叶",
        "木棉",
        "飞鱼",
        "云顶",
        "青柠",
    ],
    "held": [
        "白鲸",
        "豆豆",
        "万象",
        "长风",
        "月牙",
        "铁马",
        "石榴",
        "千禧",
        "橙子",
        "海豚",
        "老街",
        "麦田",
        "晨光",
        "赤兔",
        "竹林",
        "双子",
    ],
}
PUPILS = {
    "tuning": [
        "林嘉怡",
        "周浩然",
        "陈思远",
        "王梓涵",
        "赵宇航",
        "许佳璇",
        "黄子轩",
        "郭雨桐",
        "徐梦瑶",
        "吴诗涵",
        "李俊熙",
        "张雅雯",
    ],
    "held": [
        "蒋欣妍",
        "邱子健",
        "彭子墨",
        "罗一航",
        "唐语嫣",
        "杨承泽",
        "刘若溪",
        "郑文博",
        "孙佳豪",
        "梁静怡",
        "曹佳宁",
        "魏子涵",
    ],
}
AGAINST = {
    "tuning": [
        "{pupil}就是个[告状精|小偷]，[谁|哪个]跟她玩就[一起|跟着]完",
        "[笑死|太搞笑]，{pupil}今天又[尿|摔]在楼梯上",
        "[明天|放学]厕所堵她，[都|大家]来",
        "长成那样还[敢|好意思]上学",
        "[滚|转学]吧没人想看见你",
        "我有她[哭|摔跤]的视频，[要的|想看的]举手",
        "把她的书包[扔|丢]下去了哈哈",
        "[谁|有人]敢帮她说话试试",
        "{pupil}妈妈来学校也没用，[照样|还是]打",
        "[投票|接龙]：最恶心的人，{pupil}加一",
    ],
    "held": [
        "[求求|麻烦]{pupil}别来上课了，[味道|看着]难受",
        "她要是再[告|说]老师，就把她[头发|刘海]剪了",
        "{pupil}[活该|欠]被孤立",
        "今天她[饭|水]里被加了东西，[都|全]在笑",
        "跪下[道歉|认错]才放过她",
        "[这种|那种]人就该[躲|死]远点",
        "谁[拍|录]到了发出来看看",
        "{pupil}[哭|喊]起来像猪叫",
        "别理她，[让她|叫她]一个人坐最后",
        "[下午|午休]在天台等着，[不来|敢跑]更惨",
    ],
}
ABOUT = {
    "tuning": [
        "谁有{pupil}的[照片|电话]，发[群里|我]",
        "{pupil}家住[三期|二期]那边，[周末|晚上]都在图书馆",
        "[扒|查]一下{pupil}，她爸的车牌我有",
        "{pupil}的[微信|账号]是这个，[去|都去]加她骂她",
        "这就是{pupil}，[初二|五年级]的，[大家|各位]认一下",
    ],
    "held": [
        "[出|卖]{pupil}的[身份证|户口本]照片",
        "{pupil}妈妈在[银行|超市]上班，[去|来]单位找她",
        "已经[挖|翻]到{pupil}的小号了，[截图|聊天记录]在这",
        "{pupil}[每天|放学]从后门走，[堵|等]她很容易",
        "有没有{pupil}[小学|幼儿园]的照片，[做|弄]成表情包",
    ],
}
CRIES = {
    "tuning": [
        "[真的|好]累，[每天|天天]都想从楼上跳下去",
        "[遗书|信]写好了，[对不起|谢谢]妈妈",
        "[昨晚|刚才]又割了，[血|手]止不住",
        "[没有人|谁都不会]在乎我，活着[干嘛|没意思]",
        "[药|安眠药]攒了一盒，[今晚|明天]就结束",
    ],
    "held": [
        "[如果|要是]我明天不在了，[猫|狗]就拜托你们",
        "[站|坐]在桥上[半天|很久]了，风好大",
        "[被打|被骂]成这样，[不如|还是]死了好",
        "我[撑|熬]不下去了，[没人|谁也不]信我",
        "[最后|再]看一次[海|天]，然后就走",
    ],
}
SINGLES = {
    "tuning": (
        ["{n}栋楼下", "学校后门", "公园西边", "小区车库", "菜场二楼", "河边步道"],
        ["有人拿刀", "一群小孩点鞭炮", "几个学生骑摩托", "有男的尾随女生", "老师罚站两小时", "孩子被锁在车里"],
        ["保安不管", "报警了没人来", "吓死人", "拍下来了", "已经第{n}次了", "家长快看看"],
    ),
    "held": (
        ["{n}路公交上", "体育馆门口", "桥洞下面", "补习班楼道", "奶茶铺旁", "水库边"],
        ["有人卖刀具", "大孩子逼小孩要钱", "两个男孩爬水塔", "中年人给小孩塞东西", "教练踢学员", "小孩光脚乞讨"],
        ["谁来管管", "喊也没用", "围了一堆人看", "视频在我这", "都{n}天了", "希望有人处理"],
    ),
}
EVERYDAY = [
    "今天下班路过顺便说一句",
    "天气真热啊大家注意防暑",
    "昨晚球赛看了吗太精彩",
    "小区停水通知刚出来",
    "有没有一起拼车去市区的",
    "周末市集人山人海",
    "猫粮买多了便宜出",
    "这家肠粉味道还可以",
]
BOARDS = ["坂田闲聊", "学生天地", "二手交易", "家长里短", "同城生活"]
_CHOICE = re.compile(r"\[([^\]]+)\]")
_TRADITIONAL = OpenCC("s2t")
_EMOJI = "🔥✨❤🎁💰👉⭐🍉"


@dataclass(frozen=True)
class Labelled:
    """A post, the incident that it belongs to, and what kind that is."""

    scored: Scored
    incident: str
    kind: str


def stream(bank: str, size: int, seed: int) -> list[Labelled]:
    """About `size` posts over two weeks, shuffled in time."""
    dice = random.Random(f"{bank}{seed}")
    made: list[Labelled] = []
    number = 0
    while len(made) < size:
        number += 1
        made += _one(dice, bank, f"{seed}.{number}", number)
    return sorted(made, key=lambda one: (one.scored.post.ts, one.scored.post.id))


def _one(dice: random.Random, bank: str, mark: str, number: int) -> Iterator[Labelled]:  # noqa: C901 (one branch for each kind)
    kind = dice.choices(["advert", "template", "thread", "person", "cry", "single"], [42, 12, 14, 10, 12, 10])[0]
    name = f"{kind}-{mark}"
    start = dice.uniform(0, 12 * 24 * 60)
    if kind == "advert":
        clauses = [dice.choice(row) for row in ADVERTS[bank]]
        middle = clauses[1:]
        dice.shuffle(middle)
        template = "，".join([clauses[0], *middle, "{contact}"])
        yield from _campaign(dice, name, kind, dice.choice(HARMS), template, start, _size(dice))
    elif kind == "template":  # the same advert for several shops
        harm, template = dice.choice(SHOPS[bank])
        for shop in dice.sample(NAMES[bank], dice.randint(2, 4)):
            yield from _campaign(
                dice,
                f"{kind}-{SHOPS[bank].index((harm, template))}-{shop}",
                kind,
                harm,
                template.replace("{shop}", shop),
                start,
                _size(dice) // 2 + 1,
            )
    elif kind == "thread":
        pupil, opening, platform = dice.choice(PUPILS[bank]), f"{name}-0", dice.choice(["bbs", "贴吧"])
        for place in range(dice.randint(3, 40)):
            text = _filled(dice, dice.choice(AGAINST[bank]).replace("{pupil}", pupil if dice.random() < 0.7 else "她"))
            yield _labelled(dice, name, kind, f"{name}-{place}", text, Harm.BULLYING, start + 7 * place, platform=platform, board=f"班级{number % 40}",
                            reply_to=opening if place else "", url=f"https://{platform}.example/t/{number}#p{place}", place="")  # fmt: skip
    elif kind == "person":
        pupil, school = dice.choice(PUPILS[bank]), f"第{number % 23}小学"
        for place in range(dice.randint(2, 15)):
            text = _filled(dice, dice.choice(ABOUT[bank]).replace("{pupil}", pupil))
            yield _labelled(
                dice, f"{kind}-{pupil}-{school}", kind, f"{name}-{place}", text, Harm.DOXXING, start + 300 * place, place=school
            )
    elif kind == "cry":  # one thread, several children
        for child in range(dice.randint(1, 4)):
            for place in range(dice.randint(1, 3)):
                text = _filled(dice, dice.choice(CRIES[bank]))
                yield _labelled(dice, f"{name}-{child}", kind, f"{name}-{child}-{place}", text, Harm.SELF_HARM, start + 90 * place, author=f"{name}的{child}",
                                stance=Stance.VICTIM, platform="bbs", reply_to=f"{name}-0-0" if child or place else "")  # fmt: skip
    else:
        text = "，".join(dice.choice(part).replace("{n}", str(dice.randint(2, 90))) for part in SINGLES[bank])
        yield _labelled(dice, f"single-{text}", kind, name, text, Harm.DANGEROUS_ACTS, start, stance=Stance.WITNESS)


def _size(dice: random.Random) -> int:
    return min(400, 2 + int(dice.paretovariate(0.8) * 4))


def _campaign(
    dice: random.Random, incident: str, kind: str, harm: Harm, template: str, start: float, size: int
) -> Iterator[Labelled]:
    contacts = [_contact(dice) for _ in range(dice.choice([1, 1, 2, 3]))]
    for place in range(size):
        text = _filled(dice, template.replace("{contact}", _written(dice, dice.choice(contacts))))
        yield _labelled(
            dice, incident, kind, f"{incident}-{start:.3f}-{place}", _disguised(dice, text), harm, start + dice.expovariate(1 / 600)
        )


def _labelled(
    dice: random.Random,
    incident: str,
    kind: str,
    id: str,
    text: str,
    harm: Harm,
    minutes: float,
    *,
    stance: Stance = Stance.OFFENDER,
    **over: str,
) -> Labelled:
    when = NOON + timedelta(minutes=minutes)
    fields = {
        "platform": dice.choice(["bbs", "贴吧", "短视频"]),
        "board": dice.choice(BOARDS),
        "author": f"用户{dice.randrange(10**6)}",
        "place": "",
        "title": "",
        "url": "",
    }
    post = make_post(**(fields | {"native_id": id, "text": text, "ts": when, "fetched_at": when + timedelta(minutes=2)} | over))
    flags = {harm: 0.9} if dice.random() > 0.05 else {harm: 0.9, dice.choice([one for one in Harm if one is not harm]): 0.6}
    return Labelled(Scored(post=post, verdict=make_verdict(post, flags=flags, stance=stance)), incident, kind)


def _filled(dice: random.Random, template: str) -> str:
    return _CHOICE.sub(lambda found: dice.choice(found[1].split("|")), template)


def _contact(dice: random.Random) -> str:
    letters = "".join(dice.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(4))
    return dice.choice(
        [f"{letters}{dice.randint(100, 9999)}", str(dice.randint(10**7, 10**10)), f"13{dice.randint(10**8, 10**9 - 1)}"]
    )


def _written(dice: random.Random, contact: str) -> str:
    word = dice.choice(
        ["加微信", "加vx", "薇信：", "V信 ", "加V ", "wx:"]
        if not contact.isdigit()
        else ["QQ ", "扣扣", "加微信"]
        if not contact.startswith("13")
        else ["电话", "微信同号", "加V "]
    )
    ways: list[Callable[[str], str]] = [
        str,
        str,
        " ".join,
        str.upper,
        lambda one: "".join(chr(ord(char) + 0xFEE0) for char in one),
    ]
    return word + dice.choice(ways)(contact) + "，"


def _disguised(dice: random.Random, text: str) -> str:
    roll = dice.random()
    if roll < 0.35:
        return text
    if roll < 0.55:
        return "".join(char + (dice.choice(_EMOJI) if dice.random() < 0.12 else "") for char in text)
    if roll < 0.65:
        return _TRADITIONAL.convert(text)
    if roll < 0.75:
        return "".join(char + ("." if "\u4e00" <= char <= "\u9fff" and dice.random() < 0.4 else "") for char in text)
    if roll < 0.9:
        return f"{dice.choice(EVERYDAY)}，{text}" if dice.random() < 0.5 else f"{text}，{dice.choice(EVERYDAY)}"
    return "".join(char for char in text if dice.random() > 0.04)
