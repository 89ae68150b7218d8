"""What a column of a sheet can be."""

from enum import StrEnum
from typing import Final


class Field(StrEnum):
    """Fields of the post line, and what else a sheet may say of a post."""

    PLATFORM = "platform"
    BOARD = "board"
    URL = "url"
    NATIVE_ID = "native_id"
    TITLE = "title"
    AUTHOR = "author"
    TEXT = "text"
    TS = "ts"
    REPLY_TO = "reply_to"
    PLACE = "place"
    PICTURE = "picture"
    """Names of files in the same ZIP."""


FIELDS: Final = tuple(field.value for field in Field)
CHINESE: Final[dict[Field, str]] = {
    Field.PLATFORM: "平台",
    Field.BOARD: "版块",
    Field.URL: "链接",
    Field.NATIVE_ID: "帖子编号",
    Field.TITLE: "标题",
    Field.AUTHOR: "作者",
    Field.TEXT: "正文",
    Field.TS: "发布时间",
    Field.REPLY_TO: "回复哪一帖",
    Field.PLACE: "地点",
    Field.PICTURE: "截图",
}
REQUIRED: Final = (Field.PLATFORM, Field.TEXT, Field.TS)
