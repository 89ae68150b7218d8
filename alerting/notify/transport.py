"""Handing a message to a channel, by Apprise."""

import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import requests
from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from apprise.exception import AppriseException
from apprise.plugins.base import NotifyBase

from alerting.notify.answers import retry_after, watched
from alerting.notify.outcome import Outcome
from alerting.notify.reading import secret_url
from alerting.notify.routes import Channel
from humiao.alert import Grade
from humiao.errors import SettingsError

SCHEMES: Final = ("wecombot", "dingtalk", "feishu", "mailto", "mailtos", "json", "jsons")
"""Kinds of channels: group robots of WeCom, DingTalk and Feishu, mail, webhook. Others are refused: data must not go elsewhere."""
_CODES: Final = {"wecombot": "errcode", "dingtalk": "errcode", "feishu": "code"}
"""Field of the JSON answer that is not 0 when the robot refused, in spite of a status of 200."""
_TYPES: Final = {Grade.RED: NotifyType.FAILURE, Grade.ORANGE: NotifyType.WARNING}
ID_HEADER: Final = "X-Humiao-Message"
_NO: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

logging.getLogger("apprise").disabled = True  # its lines may hold a channel's URL, which is a secret


class Transport:
    """A channel's receiver."""

    def __init__(self, file: Path, name: str, channel: Channel, clock: Callable[[], datetime]) -> None:
        """`file` is the routes file, for messages and relative paths.

        Raises:
            SettingsError: the URL is missing, malformed or of another kind; it isn't quoted.
        """
        self._plugin, self._seconds, self._clock = _plugin(file, name, channel), channel.timeout_seconds, clock
        self._plugin.request_rate_per_sec = 0  # the pace is kept by us, across processes
        self._plugin.socket_connect_timeout = self._plugin.socket_read_timeout = channel.timeout_seconds

    def __call__(self, id: str, title: str, text: str, grade: Grade) -> Outcome:
        """Hand a message over."""
        for place in ("headers", "payload_extras"):
            if isinstance(extras := getattr(self._plugin, place, None), dict):
                extras[ID_HEADER if place == "headers" else "id"] = id
        with watched(2 * self._seconds) as answers:
            try:
                taken = self._plugin.notify(
                    title=title, body=text, body_format=NotifyFormat.TEXT, notify_type=_TYPES.get(grade, NotifyType.INFO)
                )
            except Exception as error:  # noqa: BLE001 (whatever a plugin does, the message is kept and tried again)
                return Outcome(type(error).__name__)
        return self._judge(taken, answers)

    def _judge(self, taken: bool, answers: list[requests.Response]) -> Outcome:
        for answer in answers:
            if not HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
                wait = retry_after(answer, self._clock()) if answer.status_code in _NO else None
                return Outcome(f"status {answer.status_code}", wait)
            if code := self._refusal(answer):
                return Outcome(f"refused with code {code}")
        if not taken:
            return Outcome("not taken" if answers else "no answer")
        return Outcome()

    def _refusal(self, answer: requests.Response) -> int:
        field = _CODES.get(str(self._plugin.schema), "")
        if not field:
            return 0
        try:
            content: Any = answer.json()
        except ValueError:
            return -1
        code = content.get(field, 0) if isinstance(content, dict) else -1
        return code if isinstance(code, int) else -1


def _plugin(file: Path, name: str, channel: Channel) -> NotifyBase:
    url = secret_url(file, name, channel)
    scheme = url.partition(":")[0].lower()
    if scheme not in SCHEMES:
        raise SettingsError(f"{file}: channels.{name}.url: its kind is none of {', '.join(SCHEMES)}")
    asset = AppriseAsset(app_id="humiao", app_desc="humiao", http_redirects=False)
    try:
        plugin = Apprise.instantiate(url, asset=asset, suppress_exceptions=False)
    except (AppriseException, TypeError, ValueError):
        plugin = None
    if plugin is None:
        raise SettingsError(f"{file}: channels.{name}.url: is not the URL of a {scheme} channel; see docs/notifications.md")
    return plugin
