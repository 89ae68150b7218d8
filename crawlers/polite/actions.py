"""Addresses that do something: on many sites a link logs out, deletes or votes as well as a form does."""

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_LOGIN: Final = frozenset(
    {
        "login", "logging", "signin", "sign_in", "sign-in", "log_in", "log-in", "logon", "wp-login", "auth", "sso", "oauth",
        "passport",
    }
)  # fmt: skip
_OTHER: Final = frozenset(
    {
        "logout", "signout", "sign_out", "sign-out", "log_out", "log-out", "logoff", "register", "signup", "sign_up", "sign-up",
        "delete", "remove", "destroy", "purge", "unsubscribe", "subscribe", "newthread", "newtopic", "posting", "postreply",
        "reply", "newreply", "edit", "vote", "favorite", "favourite", "recommend", "pay", "buy", "checkout", "rate", "like",
        "report", "follow", "ban", "upload", "lostpasswd", "xmlrpc",
    }
)  # fmt: skip
_VERBS: Final = _LOGIN | _OTHER
_ASKING: Final = frozenset({"mod", "action", "act", "do", "ac", "op", "mode", "operation", "method", "a", "cmd", "task"})
"""Parameters whose value is what a script does. ``mod=viewthread`` shows, ``mod=post`` writes."""
_POSTS: Final = frozenset({"post"}) | _VERBS
_SWITCHES: Final = _VERBS - {"reply", "rate", "like", "auth", "edit", "follow", "report"}
"""Parameters that act by being there; the others also name what is shown."""
_QUERY: Final = 4000
_EXTENSION: Final = re.compile(r"\.(?:php|aspx?|jsp|html?|do|cgi|action)$")
_NAMES: Final = frozenset({"rate", "auth", "like", "follow", "report", "reply", "edit", "pay", "buy", "ban", "subscribe"})
_PATH_VERBS: Final = (_VERBS - _NAMES) | {"wp-admin"}
"""As the last part of a path; the words left out are also names of boards and articles."""


def acts(url: str) -> bool:
    """Whether asking for `url` may change something at the site, or asks for a login."""
    return bool(_deed(url))


def asks_for_login(url: str) -> bool:
    """Whether `url` is where one would log in."""
    return _deed(url) in _LOGIN


def _deed(url: str) -> str:
    parts = urlsplit(url)
    for key, value in parse_qsl(parts.query[:_QUERY], keep_blank_values=True):
        name, word = key.lower(), value.lower()
        if name in _ASKING and word in _POSTS:
            return word
        if name in _SWITCHES and word not in {"0", "false", "no"}:
            return name
    last = _EXTENSION.sub("", unquote(parts.path).lower().rstrip("/").rpartition("/")[2])
    return last if last in _PATH_VERBS else ""
