"""Posts of a small forum: a list of two pages, a thread of three pages with an edit, a thread that loses a post, one that vanishes."""

import json
from pathlib import Path

EDITED = "改好了：许可贴在围挡背面"
LONG = 23
"""Posts of the long thread."""


def small_forum(file: Path) -> list[dict]:
    """Write the posts; returns them with ``native_id`` added, in the file's order."""
    rows: list[dict] = []

    def post(board: str, thread: str, minutes: int, text: str, **more) -> None:
        rows.append({"board": board, "thread": thread, "author": f"街坊{len(rows) % 7}", "minutes": minutes, "text": text, **more})

    for number in range(LONG):
        first = {"title": "晚上又在挖路 <急>", "reply_to": None} if number == 0 else {"reply_to": number - 1}
        edit = {"edit": EDITED} if number == 12 else {}
        post(
            "chat",
            "long",
            3000 - number,
            f"第{number}句 & “引号” <b>不是标签</b>\n换行 a{number}",
            **first,
            **edit,
            harm=["bullying"],
            stance="victim",
        )
    for number in range(22):
        post(
            "school",
            f"s{number}",
            2000 - number,
            f"学校的事，第{number}件",
            title=f"校园{number}",
            reply_to=None,
            harm=[],
            stance="other",
        )
    post("school", "s21", 900, "顶一下", reply_to=0)
    post("school", "loses", 800, "有人吗", title="会少一条的主题", reply_to=None)
    post("school", "loses", 799, "这条会被删", reply_to=0, deleted=True)
    post("school", "loses", 798, "在的\n\n第二段", reply_to=1)
    post("help", "vanishes", 700, "整个主题都会消失", title="测试一下", reply_to=None, deleted=True)
    post("help", "stays", 600, "求助：孩子的水壶落在公交上了", title="求助", reply_to=None)
    file.write_text(
        "".join(json.dumps(row | {"sentiment": "neutral"}, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    return [row | {"native_id": f"p{number}"} for number, row in enumerate(rows, start=1)]
