"""What normalisation takes: time of an ordinary post, and how time grows with the length of hostile texts.

    python benchmarks/normalise.py [--quick]

Hostile texts are measured at a half and at the whole of their size (1 MiB of UTF-8; 128 KiB with --quick), the two in
turn, best of three. A ratio near 2 is linear; one near 4 would be quadratic. Prints a table, then one JSON object.
"""

import argparse
import json
import random
import time
from collections.abc import Callable

from classifier.normalise import normalise
from classifier.normalise.tables import rows

ORDINARY = [
    "今天天气真好，我们一起去公园散步吧，晚上回来再吃火锅好不好呀哈哈哈哈明天见啦啦",
    "这防守跟没有一样，被人家打成筛子，裁判眼瞎了吧这都不给点球气得我把遥控器摔了",
    "求问这个boss二阶段怎么打，砍了四十分钟还剩一丝血，一个喘气把我拍死了真的服",
    "环境不错但是设施太旧，服务一般，楼下的自助餐非常好，菜品非常丰盛 下次还会来的",
]
EVADED = [
    "甩🔪出，开过刃，懂的加薇❤️ wx_kd8823，学生价68，私聊发实拍，比超市的猛多了",
    "手机煎职不用出门，日jie佣金秒到，想做的si我，备注来意，末成年也可以做，名额有限",
]


def hostile() -> dict[str, str | list[str]]:
    """Texts by what is unpleasant in them: a string is repeated, of a list random entries are strung together."""
    aliases = [row[0] for row in rows("aliases.tsv")]
    return {
        "one separator": ".",
        "all separators": "./*-_~ |·•",
        "spaces and dots": " .",
        "加": "加",
        "加 and 卫星": "加卫星",
        "one emoji": "🐎",
        "all emoji": [row[0] for row in rows("emoji.tsv")],
        "faces": "(T_T)",
        "half a word, dotted": "自.",
        "a word, dotted": "自.杀",
        "a word, spaced": "自 杀 ",
        "nested beginnings": "加微信群加微加我加加微",
        "every word": [row[1] for row in rows("lexicon.tsv")],
        "every alias": aliases,
        "every alias, dotted": [".".join(alias) for alias in aliases],
        "split characters": [row[0] for row in rows("splits.tsv")],
        "sounds": "子沙",
        "hanzi": [chr(code) for code in range(0x4E00, 0x9FA6)],
        "traditional": "遊a",
        "full width": "Ｖ信",
        "Cyrillic": "vх ",
        "one letter": "a",
        "letters and dots": "a.",
        "English": "the quick brown fox ",
        "spelled out": "f u c k ",
        "pinyin": "si我 ",
        "digits": "1.3.8",
        "telephone": "1-3-",
        "names": "@a ",
        "addresses": "http://",
        "masks": "傻*",
        "invisible": "\u200b",
        "lone surrogates": "\ud800",
    }


def filled(kind: str | list[str], size: int) -> str:
    """`size` bytes of UTF-8 (three for a lone surrogate) of the kind."""
    if isinstance(kind, str):
        return kind * (size // len(kind.encode(errors="surrogatepass")))
    dice = random.Random(7)
    text = "".join(dice.choices(kind, k=size // 3))
    return text.encode()[:size].decode(errors="ignore")


def seconds(task: Callable[[], object]) -> float:
    """Processor time that the task takes."""
    begin = time.process_time()
    task()
    return time.process_time() - begin


def microseconds_a_post(posts: list[str], repeats: int) -> float:
    """Best of seven rounds over the posts."""
    return (
        min(seconds(lambda: [normalise(post) for _ in range(repeats) for post in posts]) for _ in range(7))
        / repeats
        / len(posts)
        * 1e6
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    size = 2**17 if quick else 2**20
    first = seconds(lambda: normalise("加薇❤"))
    result: dict[str, object] = {
        "first_call_ms": round(first * 1e3, 1),
        "ordinary_us": round(microseconds_a_post(ORDINARY, 20 if quick else 200), 1),
        "evaded_us": round(microseconds_a_post(EVADED, 20 if quick else 200), 1),
        "bytes": size,
    }
    table = {}
    print(f"{'hostile text':22} {'seconds':>8} {'growth':>7}")
    for name, kind in hostile().items():
        half, whole = filled(kind, size // 2), filled(kind, size)
        rounds = [(seconds(lambda: normalise(half)), seconds(lambda: normalise(whole))) for _ in range(3)]  # noqa: B023
        short, long = (min(times) for times in zip(*rounds, strict=True))
        table[name] = {"seconds": round(long, 3), "growth": round(long / short, 2)}
        print(f"{name:22} {long:8.3f} {long / short:7.2f}")
    print(
        f"\nordinary post {result['ordinary_us']} µs, evaded post {result['evaded_us']} µs, first call {result['first_call_ms']} ms"
    )
    slowest = max(table, key=lambda name: table[name]["seconds"])
    print(f"slowest: {slowest}, {table[slowest]['seconds']} s")
    print(json.dumps(result | {"slowest_s": table[slowest]["seconds"], "hostile": table}, ensure_ascii=False))


if __name__ == "__main__":
    main()
