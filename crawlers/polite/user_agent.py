"""The name under which sites see us, and words in it that make forum software show other pages."""

from typing import Final

import humiao
from crawlers.source import Source
from humiao.settings import CrawlSettings

PRODUCT: Final = "humiao"
"""The name that robots.txt files use."""
ROBOT_WORDS: Final = ("bot", "crawl", "spider", "slurp", "sohu-search", "lycos", "robozilla")
"""Discuz! shows robots pages without floor numbers; many firewalls refuse these words outright."""
MOBILE_WORDS: Final = (
    "iphone", "android", "phone", "mobile", "wap", "netfront", "java", "opera mobi", "opera mini", "ucweb", "windows ce", "symbian",
    "series", "webos", "sony", "blackberry", "dopod", "nokia", "samsung", "palmsource", "xda", "pieplus", "meizu", "midp", "cldc",
    "motorola", "foma", "docomo", "up.browser", "up.link", "blazer", "helio", "hosin", "huawei", "novarra", "coolpad", "techfaith",
    "alcatel", "amoi", "ktouch", "nexian", "ericsson", "philips", "sagem", "wellcom", "bunjalloo", "maui", "spice", "bird", "zte",
    "longcos", "pantech", "gionee", "portalmmm", "jig browser", "hiptop", "benq", "haier", "320x320", "240x320", "176x220", "ipad",
    "cect", "compal", "ctl", "lg", "nec", "tcl", "daxian", "dbtel", "eastcom", "konka", "kejian", "lenovo", "mot", "soutec", "sgh",
    "sed", "capitel", "panasonic", "sharp", "panda",
)  # fmt: skip
"""Discuz! shows telephones another template, by these letters anywhere in the name."""


def user_agent(source: Source, settings: CrawlSettings) -> str:
    """Name, version and, where one is stated, whom to write to."""
    contact = " ".join((source.contact or settings.contact).split())
    return f"{PRODUCT}/{humiao.__version__}" + (f" (+{contact})" if contact else "")


def warnings(source: Source, settings: CrawlSettings) -> list[str]:
    """What a person should change about the contact, a line each."""
    contact = (source.contact or settings.contact).lower()
    if not contact:
        return ["contact: none is stated; sites can't tell who reads them. Set contact here or crawl.contact in the settings"]
    found = [word for word in ROBOT_WORDS if word in contact]
    if source.family == "discuz":
        found += [word for word in MOBILE_WORDS if word in contact]
    return [
        f"contact: {word!r} in the User-Agent makes the forum show another template; choose a contact without these letters"
        for word in found
    ]
