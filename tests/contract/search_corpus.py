"""A corpus of posts and the queries that must find the same of them in every store.

Each line of `LINES` is ``key | board | author | title | text`` (``\\n`` = line break). `EXPECTED` states by hand which keys a query
finds; `AGREED` are queries whose hits are only compared between the stores.
"""

from datetime import timedelta

from humiao.alert import StoredPost
from tests.builders import NOON, make_stored

LINES = """
net1|爱聊|夜猫子|网吧不查身份证|吉华路那家网吧不查身份证，小学生都能进去通宵
net2|爱聊|老街坊|回复：網吧|我家樓下的網吧也一樣，晚上十二點還有穿校服的學生
net3|家长里短|小雨妈妈|电竞酒店|孩子说同学过生日去电竞酒店开房打游戏，前台没问年龄
ktv1|爱聊|路过的风|KTV|新开的KTV门口周末全是初中生，ＫＴＶ老板说不卖酒
bar1|爱聊|阿强|酒吧招工|酒吧招服务员，16岁也要，日结300
smoke1|校园墙|匿名用户|上头电子烟|出上头电子烟，悦刻通用，+v：yue_ke520，学生价
smoke2|家长里短|二年级家长|小卖部卖烟|学校门口小卖部拆开一根一根卖烟给学生，一块钱一支
fraud1|游戏|皮肤大王|免费领皮肤|加wx123456免费领王者荣耀皮肤，手机要用爸爸妈妈的
fraud2|游戏|小号77|别信|上次加了 WX123 被骗了两百，说是解除防沉迷
fraud3|兼职|橙子姐姐|刷单日结|手工刷单，一单5-10元，学生宝妈都可以，联系QQ：2847561903
fraud4|兼职|会计老王|高薪|ｑｑ2847561903 是骗子，大家小心
fraud5|游戏|客服007|退款|【退款中心】您的充值可退款，请让家长打开支付宝扫一扫
bully1|校园墙|匿名用户|求挂|高二（3）班李梓涵你给我等着，放学别走
bully2|校园墙|吃瓜群众|回复|李梓涵怎么了？又被孤立了吗
bully3|校园墙|匿名用户|投票|全班最丑的人投票：A.張偉 B.李梓涵 C.王小明
bully4|校园墙|看不惯|停手|你们够了，王小明已经三天没来上课了，都是被你们骂的
dox1|校园墙|人肉小队|开盒|开盒！张伟，手机13800138000，住坂田街道万科城5栋1203
dox2|校园墙|热心学长|别传|别再传张伟的电话了，人肉是违法的
self1|树洞|小透明|晚安|不想活了，吃了一整瓶药，谢谢你们
self2|树洞|月亮|想死|最近总是想死，晚上睡不着，割了手腕也没人知道
self3|树洞|值班老师|回复|同学，请拨打12356心理援助热线，你不是一个人❤️
self4|游戏|菜鸡互啄|死了八次|这把我死了八次，队友想死我了，哈哈哈哈
sex1|爱聊|寂寞小哥|处对象|萝莉处cpdd，发照片给零花钱，可视频
sex2|家长里短|着急的爸爸|求助|女儿12岁，网上有人让她拍不穿衣服的照片，怎么报警？
gamble1|体育|球神|稳赚|世界杯外围⚽稳赚不赔，上岸领88彩金，www.bet-888.vip
gamble2|游戏|开箱哥|CSGO开箱|csgo开箱网站，皮肤可提现，首充送50%
drug1|树洞|飘|笑气|有没有人要气球🎈，笑气，学生送货上门
drug2|家长里短|药店店员|止咳水|有初中生一次买五瓶止咳水，右美沙芬也来问，我没卖
vio1|校园墙|刀哥|出货|开刃蝴蝶刀🔪爪刀甩棍，包邮，未成年也发
vio2|校园墙|一中扛把子|约架|周五晚上8点后山约架，谁不来谁是孙子！！！
danger1|爱聊|水鬼|野泳|水库野泳走起🏊，不会游也可以抓着浮漂
danger2|爱聊|鬼火少年|炸街|今晚 23:00 龙岗大道炸街，鬼火集合～
recruit1|兼职|水房|收卡|收银行卡电话卡，四件套2000，学生可做，跑分日入500+
traf1|家长里短|匿名用户|送养|刚出生男宝健康，有缘人领养，补偿8万，非诚勿扰
traf2|爱聊|寻人启事|寻人|寻人：陈思琪，女，9岁，3月1日下午在五和地铁站走失，身穿红色外套
spend1|游戏|租号王|租号|租号玩，成年实名号，一小时2元，未成年随便玩，不用人脸
spend2|追星|应援组|集资|生日应援集资冲榜，每人最低52.0，学生党省顿早饭
abuse1|家长里短|楼上邻居|孩子哭|楼上又在打孩子，每天晚上哭声，说“再哭就打死你”
abuse2|校园墙|初一新生|体罚|班主任让我们蹲马步一小时，還用尺子打手心
news1|新闻|坂田发布|护苗行动|【护苗2026】我街道开展“护苗”专项行动，检查网吧12家、文具店40家
news2|新闻|坂田发布|防溺水|防溺水“六不”：不私自下水游泳；不擅自与他人结伴游泳……
trad1|爱聊|港漂|請問|請問附近邊度有圖書館？小朋友想借書
trad2|爱聊|台商|學校|這間學校的營養午餐很豐富，孩子們都愛吃
simp1|家长里短|乐乐妈|图书馆|坂田图书馆周末几点开门？孩子想借书
mix1|数码|极客|显卡|RTX4090和i7-13700K配什么电源？预算8000¥
mix2|数码|小白|iPhone|iphone15 Pro Max 256G 和 Café 拿铁哪个贵？
mix3|数码|程序员|报错|SELECT * FROM users WHERE name='admin'; -- 这句为什么报错
mix4|数码|程序员|JSON|{"query":{"match_all":{}}} 这个怎么写在 es 里
mix5|数码|路人甲|符号|C++ 和 C# 有什么区别？价格是 100% 一样吗，A&B
emoji1|爱聊|一家人|全家福|我们一家👨‍👩‍👧‍👦去了欢乐谷🎢，孩子玩疯了
emoji2|爱聊|小明爸|爸爸|👨 节快乐！👧 送了我贺卡
emoji3|爱聊|支持|加油|中国队加油🇨🇳👍🏽
emoji4|爱聊|点赞|点赞|👍
punc1|爱聊|标点|标点|真的吗？！……——“不会吧”（震惊）
punc2|爱聊|引号|引号|他说"放学别走"，我说：「好」
line1|爱聊|换行|换行|第一行写了蓝\\n天，第二行写了白\\n云
comb1|外语|学生|法语|Cafe\u0301 是咖啡，nai\u0308ve 是天真
wide1|爱聊|全角|全角|ＡＢＣ１２３ｘｙｚ，全角也要搜到
kana1|追星|二次元|日语|ありがとう、ラーメン大好き、ﾗｰﾒﾝ
circ1|爱聊|符号党|序号|①先报名②再缴费㈱
rare1|爱聊|生僻字|名字|我同学叫𠮷野，还有一个叫䶮，打不出来
zero1|爱聊|隐身|零宽|加\u200b微\u200b信 zero\u200bwidth
gap1|爱聊|跨栏甲|天上|人间
nulq1|爱聊|反斜杠|路径|C:\\\\Users\\\\admin 里找不到，用 /home/admin 或 ~/.bashrc
url1|爱聊|链接|链接|看这里 https://example.com/a?b=1&c=%E4%BD%A0 很好看
mail1|爱聊|邮箱|邮箱|简历投 hr_2026@example.com，谢谢
like1|爱聊|通配|通配|5_星好评 100%好评 a*b? [abc]
"""

FILLERS = """
今天食堂的番茄炒蛋太咸了
数学月考最后一道大题谁会做
求推荐五年级语文课外阅读书单
楼下早餐店的肠粉涨价了
明天降温记得给孩子加衣服
请问小区游泳池几号开放
羽毛球搭子，周六早上八点
捡到一张公交卡，失主私信我
二手钢琴转让，九成新
谁家的猫跑到三栋楼下了
物业费又要涨，大家怎么看
求问坂田哪家牙科靠谱
暑假想带娃去大鹏看海
英语听力老是丢分怎么办
刚搬来，求问垃圾分类点在哪
公园的荷花开了，随手拍几张
广场舞音乐能不能小点声
地铁口的共享单车又堆满了
孩子不肯写作业怎么沟通
幼升小积分大概要多少
停电了吗？五和这边一片黑
推荐一家好吃的湘菜馆
快递放驿站被人拿错了
阳台漏水，楼上不承认
求一份三年级数学口算题
中考体育跳绳满分技巧分享
社区周末有免费义诊
楼道里的灯坏了一个月了
想学书法，哪里有成人班
今天看到双彩虹，太美了
周末拼车回惠州，还有两个位
手机屏幕碎了去哪修便宜
有没有一起夜跑的邻居
孩子发烧三天了要不要去医院
宠物医院打疫苗多少钱
推荐几部适合全家看的电影
食品厂招普工，包吃住
小区门口修路，绕行提醒
班级家委会要选举了
语文老师讲得真好，感谢
新能源车充电桩排长队
儿童乐园门票团购有没有
毕业季，祝大家前程似锦
请教一下装修水电怎么验收
台风要来了，关好门窗
谁有闲置的婴儿床出
南门菜市场今天有新鲜荔枝
篮球场晚上几点关灯
孩子近视了，配眼镜去哪里
求助，电脑蓝屏怎么办呀
老人机推荐，要声音大的
高考加油，愿你笔下生花
这家奶茶排队一小时，值吗
夏令营报名还有名额吗
小提琴考级需要准备什么
有人一起拼团买大米吗
邻里互助，帮忙收个快递
养了三年的绿萝黄叶了
清明回家的票好难抢
社区志愿者招募，周日上午
作业太多写到十一点怎么破
这道物理题受力分析求教
下雨天外卖小哥辛苦了
学校运动会照片出来啦
请推荐靠谱的开锁师傅
国庆去哪里人少一点
孩子第一次考满分，开心
小区电梯又停运了，爬了二十层
有没有会修洗衣机的师傅
图片加载不出来，是网络问题吗
今晚月亮好圆，适合散步
小朋友学轮滑几岁开始好
公积金提取流程请教
给孩子报了编程兴趣班
楼下新开的花店很漂亮
学车科目二挂了三次
春笋炒腊肉怎么做才香
小学门口限时停车了
求购二手自行车一辆
团建去哪里烧烤比较好
社康中心可以打流感疫苗了
想找个安静的咖啡馆看书
疫苗接种本丢了怎么补办
考研二战的朋友一起打卡
初三最后一百天冲刺
这个月电费怎么这么高
航模社团招新，高一高二都行
今年荔枝节什么时候开始
家里wifi总断，换哪家宽带
退休老师免费辅导作文
"""

EXPECTED: dict[str, str] = {
    # names and phrases
    "李梓涵": "bully1 bully2 bully3",
    "张伟": "bully3 dox1 dox2",
    "王小明": "bully3 bully4",
    "陈思琪": "traf2",
    "不查身份证": "net1",
    "放学别走": "bully1 punc2",
    "“放学别走”": "bully1 punc2",
    '"想死" 晚上': "self2",
    "想死": "self2 self4",
    "坂田发布": "news1 news2",
    "网吧 小学生": "net1",
    # traditional finds simplified and the other way round
    "網吧": "net1 net2 news1",
    "网吧": "net1 net2 news1",
    "圖書館": "trad1 simp1",
    "图书馆 借书": "trad1 simp1",
    "學校": "smoke2 trad2 f64",
    "还用尺子": "abuse2",
    # single characters
    "刀": "vio1",
    "烟": "smoke1 smoke2",
    "䶮": "rare1",
    "𠮷": "rare1",
    # Latin and digits, width and case
    "wx123": "fraud1 fraud2",
    "WX123456": "fraud1",
    "ｗｘ１２３": "fraud1 fraud2",
    "qq2847561903": "fraud4",
    "2847561903": "fraud3 fraud4",
    "13800138000": "dox1",
    "138001": "dox1",
    "csgo": "gamble2",
    "ktv": "ktv1",
    "abc123XYZ": "wide1",
    "iPhone15 PRO": "mix2",
    "4090": "mix1",
    "bet-888.vip": "gamble1",
    "yue_ke520": "smoke1",
    "café": "mix2 comb1",
    "cafe\u0301": "mix2 comb1",
    "naïve": "comb1",
    "ラーメン": "kana1",
    "ﾗｰﾒﾝ": "kana1",
    # emoji
    "👍": "emoji3 emoji4",
    "👍🏽": "emoji3",
    "👨‍👩‍👧‍👦": "emoji1",
    "👧": "emoji1 emoji2",
    "👨": "emoji1 emoji2",
    "🇨🇳": "emoji3",
    "🔪": "vio1",
    "❤️": "self3",
    "⚽稳赚": "gamble1",
    # punctuation, quotes, line breaks, fields
    "？！": "punc1",
    "……": "news2 punc1",
    "！！！": "vio2",
    "「好」": "punc2",
    "蓝天": "line1",
    "白云": "line1",
    '"天 上"': "gap1",
    "天上人间": "",
    "天上 人间": "gap1",
    "①先报名": "circ1",
    "1先报名2缴费(株)": "",
    "㈱": "circ1",
    "微信": "",
    "zero\u200bwidth": "zero1",
    "c++": "mix5",
    "c#": "mix5",
    "100%": "mix5 like1",
    "5_星": "like1",
    "a*b?": "like1",
    "[abc]": "like1",
    "A&B": "mix5",
    # injection: each is only text
    "' OR 1=1 --": "",
    "name='admin'; --": "mix3",
    "SELECT * FROM users": "mix3",
    '{"query":{"match_all":{}}}': "mix4",
    "text:* OR *:*": "",
    "NEAR(网 吧, 1)": "",
    "网*": "",
    "NOT 网吧": "",
    "网吧 OR 酒吧": "",
    "^网吧": "",
    "search:网吧": "",
    "\\\\Users": "nulq1",
    "/home/": "nulq1",
    "c=%E4%BD%A0": "url1",
    "hr_2026@example.com": "mail1",
    "gap": "",
    '"': "punc2 mix4",
}
"""Query -> keys of the posts that it must find."""

AGREED = (
    "",
    "   \t\u3000 ",
    '""',
    '"" ""',
    "\u0301",
    "\u200d",
    "\ufe0f",
    "的",
    "学生",
    "，",
    "1",
    "a",
    "0",
    "\x00",
    "; DROP TABLE posts; --",
    "%' OR '1'='1",
    "①",
    '<script>alert("x")</script>',
    "../../etc/passwd",
    "（）()[]{}<>",
    "+ - && || ! ( ) { } [ ] ^ ~ * ? : \\ /",
    "{{7*7}} ${jndi:ldap://x}",
    "孩" * 1000,
    " ".join("学生放学回家路上" * 125),
    "“双引号” ＂全角引号＂",
    '"没有结尾的引号',
    "𝓌𝓍123",
    "ß ﬁ ①②③ ㎏",
)


def corpus() -> list[tuple[str, StoredPost]]:
    """Each post with its key. Several share a time, so that order by id shows."""
    rows = [line.split("|", 4) for line in LINES.strip().splitlines()]
    rows += [[f"f{number}", "爱聊", f"邻居{number}", "", text] for number, text in enumerate(FILLERS.strip().splitlines(), start=1)]
    return [
        (
            key,
            make_stored(
                native_id=key,
                board=board,
                author=author,
                title=title,
                text=text.replace("\\n", "\n"),
                ts=NOON + timedelta(hours=number // 3),
            ),
        )
        for number, (key, board, author, title, text) in enumerate(rows)
    ]
