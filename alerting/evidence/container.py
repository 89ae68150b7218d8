"""The zip file around the members: stored without compression, nothing in it that is not a member.

It is written in one way only, so that a reader can write it again and compare: no byte can be changed or hidden between members.
"""

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from humiao.errors import BadInput

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
LARGEST: Final = 2**31
"""Bytes that all members together may have; more is no evidence of one alert."""


def pack(members: Mapping[str, bytes]) -> bytes:
    """The zip file of `members`, in their order.

    Raises:
        BadInput: they are too large for one file.
    """
    if sum(map(len, members.values())) > LARGEST:
        raise BadInput(f"evidence: has more than {LARGEST:,} bytes; export fewer posts")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = 3, 0o100600 << 16
            file.writestr(info, content)
    return buffer.getvalue()


def unpack(content: bytes) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """The members of a zip file and what is wrong with it, as (part, reason).

    Raises:
        BadInput: it is no zip file, or it ends too early.
    """
    members: dict[str, bytes] = {}
    problems: list[tuple[str, str]] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            if sum(info.file_size for info in file.infolist()) > LARGEST:
                raise BadInput("is larger unpacked than evidence can be")
            for info in file.infolist():
                if info.filename in members:
                    problems.append((info.filename, "stands in the file twice"))
                if info.compress_type != zipfile.ZIP_STORED:
                    problems.append((info.filename, "is compressed, which we never write"))
                    members[info.filename] = b""
                    continue
                try:
                    members[info.filename] = file.read(info)
                except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
                    problems.append((info.filename, f"can't be read whole ({error})"))
                    members[info.filename] = b""
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise BadInput(f"is no readable WACZ file ({error})") from error
    if not problems and pack(members) != content:
        problems.append(("zip structure", "differs from what was written: something was changed or added around the members"))
    return members, problems
