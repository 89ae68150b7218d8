"""Errors a person can cause or must see: each message says what, where and what to do, in one line."""


class HumiaoError(Exception):
    """Base of every error that the command line prints as one line (exit code 2) instead of a traceback."""


class SettingsError(HumiaoError):
    """A setting is unknown or has a bad value; the message names file (or variable) and key."""


class BadInput(HumiaoError):
    """A record from outside (a line, a message, a request body) does not have the shape of interfaces.md."""


class Unavailable(HumiaoError):
    """A server behind a port does not answer at present; the caller may try again later, nothing was lost."""


class LogUnavailable(Unavailable):
    """The log can't be reached."""


class StoreUnavailable(Unavailable):
    """The store can't be reached."""


class LeaseLost(HumiaoError):
    """A consumer no longer owns a partition that it tried to commit; the messages will be delivered again elsewhere."""


class Conflict(HumiaoError):
    """Somebody else wrote the record first; read it again and decide anew."""


class NotFound(HumiaoError):
    """No record has this id."""
