"""The labels of a verdict: harms, stances, sentiments. The slugs are the wire format everywhere."""

from enum import StrEnum
from typing import Final


class Harm(StrEnum):
    """What can harm minors in a post (multi-label; none = nothing harmful)."""

    BULLYING = "bullying"
    DOXXING = "doxxing"
    SELF_HARM = "self_harm"
    SEXUAL = "sexual"
    GAMBLING = "gambling"
    FRAUD = "fraud"
    DRUGS = "drugs"
    TOBACCO_ALCOHOL = "tobacco_alcohol"
    VIOLENCE = "violence"
    DANGEROUS_ACTS = "dangerous_acts"
    CRIME_RECRUITMENT = "crime_recruitment"
    TRAFFICKING = "trafficking"
    ILLEGAL_VENUES = "illegal_venues"
    ADDICTION_SPENDING = "addiction_spending"
    CHILD_ABUSE = "child_abuse"


class Stance(StrEnum):
    """How the post stands to the harm that it speaks of."""

    OFFENDER = "offender"
    VICTIM = "victim"
    WITNESS = "witness"
    AWARENESS = "awareness"
    OTHER = "other"


class Sentiment(StrEnum):
    """The mood of the post."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


HARM_NAMES: Final[dict[Harm, str]] = {
    Harm.BULLYING: "学生欺凌与网络暴力",
    Harm.DOXXING: "人肉搜索与隐私泄露",
    Harm.SELF_HARM: "自伤自杀与心理危机",
    Harm.SEXUAL: "涉性侵害与色情信息",
    Harm.GAMBLING: "网络赌博",
    Harm.FRAUD: "诈骗与黑产广告",
    Harm.DRUGS: "毒品与成瘾物质",
    Harm.TOBACCO_ALCOHOL: "向未成年人售卖烟酒",
    Harm.VIOLENCE: "暴力与管制器具",
    Harm.DANGEROUS_ACTS: "危险行为模仿",
    Harm.CRIME_RECRUITMENT: "招揽未成年人违法犯罪",
    Harm.TRAFFICKING: "拐卖、非法收养与失踪",
    Harm.ILLEGAL_VENUES: "场所违规接纳未成年人",
    Harm.ADDICTION_SPENDING: "沉迷与诱导消费",
    Harm.CHILD_ABUSE: "虐待、体罚与忽视",
}
STANCE_NAMES: Final[dict[Stance, str]] = {
    Stance.OFFENDER: "实施者",
    Stance.VICTIM: "受害者",
    Stance.WITNESS: "目击者",
    Stance.AWARENESS: "宣传报道",
    Stance.OTHER: "其他",
}
SENTIMENT_NAMES: Final[dict[Sentiment, str]] = {
    Sentiment.NEGATIVE: "负面",
    Sentiment.NEUTRAL: "中性",
    Sentiment.POSITIVE: "正面",
}
#: Harms that go to a person at once, whatever the calendar says.
CRISIS: Final[frozenset[Harm]] = frozenset(
    {Harm.SELF_HARM, Harm.SEXUAL, Harm.DRUGS, Harm.CRIME_RECRUITMENT, Harm.TRAFFICKING, Harm.CHILD_ABUSE}
)
