"""What the classifier is compared with: a keyword list, TF-IDF with logistic regression on the same rows, SnowNLP."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from classifier.normalise import normalise
from classifier.rows import Row
from humiao.labels import Harm, Sentiment, Stance

#: Words that a patrol list would look for; a post that holds one counts as that harm.
KEYWORDS: Final[dict[Harm, tuple[str, ...]]] = {
    Harm.BULLYING: ("去死", "傻逼", "霸凌", "欺凌", "孤立", "打死你", "废物", "垃圾", "贱", "网暴", "滚出"),
    Harm.DOXXING: ("人肉", "开盒", "身份证号", "住址", "曝光", "扒出来", "隐私", "个人信息"),
    Harm.SELF_HARM: ("自杀", "自残", "不想活", "想死", "轻生", "遗书", "割腕", "跳楼", "约死", "活着没意思"),
    Harm.SEXUAL: ("约炮", "裸聊", "看片", "色情", "猥亵", "性侵", "援交", "上门服务", "福利姬", "私密照"),
    Harm.GAMBLING: ("赌", "博彩", "下注", "百家乐", "棋牌", "彩金", "开箱", "六合"),
    Harm.FRAUD: ("诈骗", "刷单", "被骗", "骗子", "兼职日结", "佣金", "返利", "验证码", "贷款", "涨粉", "群发"),
    Harm.DRUGS: ("毒品", "吸毒", "笑气", "冰毒", "大麻", "上头电子烟", "止咳水", "依托咪酯"),
    Harm.TOBACCO_ALCOHOL: ("卖烟", "电子烟", "香烟", "散烟", "卖酒", "抽烟", "喝酒", "烟弹"),
    Harm.VIOLENCE: ("约架", "砍", "管制刀具", "气枪", "打群架", "弹簧刀", "甩棍", "捅"),
    Harm.DANGEROUS_ACTS: ("野泳", "爬楼", "鬼火", "飙车", "炸街", "窒息", "挑战", "扒火车"),
    Harm.CRIME_RECRUITMENT: ("跑分", "收卡", "银行卡", "电话卡", "四件套", "高薪", "收小弟", "缅北"),
    Harm.TRAFFICKING: ("拐卖", "人贩", "送养", "领养", "走失", "失踪", "拐走"),
    Harm.ILLEGAL_VENUES: ("网吧", "ktv", "酒吧", "电竞酒店", "不用身份证", "不查身份证", "开房"),
    Harm.ADDICTION_SPENDING: ("租号", "防沉迷", "代实名", "打赏", "充值", "集资", "打榜", "氪"),
    Harm.CHILD_ABUSE: ("虐待", "体罚", "家暴", "毒打", "打孩子", "关小黑屋", "辍学", "饿着"),
}


def by_keywords(texts: Sequence[str]) -> list[list[Harm]]:
    """The harms whose words stand in each normalised text."""
    folded = [normalise(text).text for text in texts]
    return [[harm for harm, words in KEYWORDS.items() if any(word in text for word in words)] for text in folded]


class Linear:
    """TF-IDF of character 1- to 4-grams and one logistic regression for each output, on the rows that the network learns from."""

    def __init__(self, ours: Sequence[Row], rest: Sequence[Row]) -> None:
        """Fits at once; minutes for a hundred thousand rows."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        def fit(features: Any, truth: Sequence[Any], weight: Sequence[float]) -> Any:
            return LogisticRegression(C=4.0, solver="liblinear").fit(features, truth, sample_weight=np.array(weight))

        rows = [*ours, *rest]
        self._vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=4, sublinear_tf=True, dtype=np.float32)
        features = self._vectors.fit_transform([normalise(row.text).text for row in rows])
        weight = [row.weight for row in rows]
        self._harm, self._kinds = {}, {}
        for harm in Harm:
            known = [place for place, row in enumerate(rows) if harm in row.harm]
            truth = [rows[place].harm[harm] >= 0.5 for place in known]  # noqa: PLR2004 (a vote)
            self._harm[harm] = fit(features[known], truth, [weight[place] for place in known])
        for name in ("stance", "sentiment"):
            known = [place for place, row in enumerate(rows) if getattr(row, name) is not None]
            truth = [getattr(rows[place], name).value for place in known]
            model = LogisticRegression(C=4.0, max_iter=300)
            self._kinds[name] = model.fit(features[known], truth, sample_weight=[weight[place] for place in known])

    def harms(self, texts: Sequence[str]) -> np.ndarray:
        """Probabilities, [texts, 15]."""
        features = self._vectors.transform([normalise(text).text for text in texts])
        return np.stack([self._harm[harm].predict_proba(features)[:, 1] for harm in Harm], axis=1)

    def stances(self, texts: Sequence[str]) -> list[Stance]:
        """The likeliest stance of each."""
        return [Stance(name) for name in self._kinds["stance"].predict(self._features(texts))]

    def sentiments(self, texts: Sequence[str]) -> list[Sentiment]:
        """The likeliest sentiment of each."""
        return [Sentiment(name) for name in self._kinds["sentiment"].predict(self._features(texts))]

    def _features(self, texts: Sequence[str]) -> Any:
        return self._vectors.transform([normalise(text).text for text in texts])


def binary(train: Sequence[str], labels: Sequence[bool], test: Sequence[str]) -> np.ndarray:
    """Probabilities for `test` by TF-IDF and logistic regression, on the set's own training rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=3, sublinear_tf=True, dtype=np.float32)
    features = vectors.fit_transform([normalise(text).text for text in train])
    model = LogisticRegression(C=2.0, solver="liblinear").fit(features, list(labels))
    found: np.ndarray = model.predict_proba(vectors.transform([normalise(text).text for text in test]))[:, 1]
    return found


def by_snownlp(texts: Sequence[str]) -> list[Sentiment]:
    """SnowNLP's score in thirds: it knows no neutral, so the middle third of its scale counts as neutral."""
    from snownlp import SnowNLP

    scores = [SnowNLP(text).sentiments if text.strip() else 0.5 for text in texts]
    return [Sentiment.NEGATIVE if score < 1 / 3 else Sentiment.POSITIVE if score > 2 / 3 else Sentiment.NEUTRAL for score in scores]
