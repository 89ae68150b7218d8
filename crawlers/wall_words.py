"""What walls say and what they are made of: wordings and marks in Chinese and English, by the state that they mean."""

import re
from typing import Final

from crawlers.states import State

CHALLENGES: Final = (
    "acw_sc__v2", "_cf_chl_opt", "cf-chl-", "challenge-platform/h/", "__jsl_clearance", "__tst_status", "eo_bot_ssid",
    "_incapsula_resource", "_dsign=", "$_ts=window", "byted_acrawler",
)  # fmt: skip
"""Marks of scripts that stand in a page's place and never beside its content."""
CAPTCHAS: Final = (
    "geetest", "recaptcha", "hcaptcha", "tcaptcha", "tencentcaptcha", "turing.captcha", "aliyuncaptcha", "nc_1_n1z", "yidun",
)  # fmt: skip
"""Marks of widgets that also stand in forms: they count where the page says next to nothing."""
_CAPTCHA: Final = (
    r"请输入(?:图中的?|下[图方]的?)?(?:验证码|字符)",
    r"(?:拖动|滑动|按住)(?:下方|左边|左侧)?(?:的)?滑块|滑块验证|点击(?:按钮)?(?:进行|完成)验证",
    r"完成(?:下方|安全|人机|以下)?验证|(?:人机|安全|身份|访问)验证|环境异常|验证码中间页",
    r"verify (?:that )?you are (?:a )?(?:human|not a (?:ro)?bot)",
    r"(?:confirm|prove|make sure) (?:that )?you(?: are|'re) (?:a human|not a (?:ro)?bot)|prove your humanity",
    r"unusual traffic from your|press (?:&|and) hold|security (?:check|verification)|access verification",
)
_FLOOD: Final = (
    r"访问(?:过于|太|过快|过)?频繁|操作(?:过于|太)频繁|频繁刷新|刷新(?:过于|太)?(?:快|频繁)|(?:请求|提交)(?:过于|太)频繁",
    r"(?:访问|请求)(?:次数)?(?:过多|太多|超限)|too many (?:requests|connections)|rate limit|slow down",
)
_LOGIN: Final = (
    r"(?:您|你)?(?:需要|请先|必须|尚未|还没有|没有)(?:先)?登[录錄陆陸]",
    r"登[录錄陆陸](?:后|後|之后)(?:才能|才可以|可|方可)?(?:查看|浏览|访问|阅读|继续)",
    r"仅(?:限|对)?(?:注册)?(?:会员|用户)(?:可见|查看|浏览|访问)",
    r"please (?:log|sign) ?in|(?:log|sign) ?in to (?:continue|view|read|access)|must be (?:logged|signed) in",
    r"(?:members|registered users) only|(?:login|authentication) required",
)
_REFUSED: Final = (
    r"(?:拒绝|禁止|限制|阻断)(?:了)?(?:您的)?(?:访问|请求)|(?:访问|请求)(?:已)?被(?:拒绝|禁止|阻断|限制|拦截)|被(?:\S{0,10})?拦截",
    r"IP\s*(?:地址)?(?:已)?被(?:封|禁|限)|没有(?:权限|访问权限)|无权(?:访问|查看|浏览)|请在微信客户端打开|疑似(?:黑客)?攻击",
    r"access (?:to this (?:page|site|resource) )?(?:has been |is )?(?:denied|blocked|restricted|limited)|forbidden",
    r"(?:you have|you've) been blocked|not authori[sz]ed to|attention required|checking your browser",
    r"enable javascript and cookies|just a moment\.\.\.|pardon our interruption|incapsula incident|ddos protection by",
    r"error 10(?:06|09|15|20)",
)
_CLOSED: Final = (
    r"(?:正在|暂时|系统|服务器|网站|论坛|升级)(?:进行)?(?:升级|维护)|(?:维护|升级)中",
    r"(?:站点|网站|论坛|本站)(?:已|暂时|临时)?(?:关闭|停止|停用|打烊|暂停)|网站(?:暂时)?无法(?:进行)?访问",
    r"未(?:进行)?备案|域名(?:已)?(?:过期|到期|出售)|under (?:scheduled )?maintenance|scheduled maintenance",
    r"board (?:you requested )?is currently (?:disabled|unavailable)|temporarily (?:closed|unavailable|offline)",
    r"account (?:has been )?suspended|bandwidth limit exceeded|domain (?:name )?is for sale",
)
SAID: Final = tuple(
    (re.compile("|".join(wordings), re.IGNORECASE), state)
    for wordings, state in (
        (_CAPTCHA, State.CAPTCHA),
        (_FLOOD, State.THROTTLED),
        (_LOGIN, State.LOGIN_WALL),
        (_REFUSED, State.BLOCKED),
        (_CLOSED, State.UNREACHABLE),
    )
)
"""What a page says that says little else."""
EMPTY: Final = re.compile(
    r"暂无|还没有(?!登)|没有(?:找到|搜索到|符合|新的|任何|更多|主题|帖子|内容)|(?:无|0)\s*(?:主题|帖子|结果)"
    r"|no (?:topics|posts|threads|results|discussions|entries)|nothing (?:here|found)|be the first",
    re.IGNORECASE,
)
"""What a list or a search says that has nothing to show: a page of the site, whatever stands around."""
