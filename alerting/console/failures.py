"""What a person or program sees when something goes wrong: a page, or JSON under /api/."""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from alerting.console.gate import SAFE, Forbidden, ForgedForm, NotSignedIn
from alerting.console.render import page
from humiao.errors import BadInput, Conflict, HumiaoError, NotFound, Unavailable

STATUS: Final[dict[type[HumiaoError], int]] = {
    NotSignedIn: 401,
    Forbidden: 403,
    ForgedForm: 403,
    NotFound: 404,
    Conflict: 409,
    BadInput: 422,
    Unavailable: 503,
}
RETRY_AFTER: Final = 5
"""Seconds that a caller should wait while log or store are away."""
TITLES: Final = {
    400: "请求有误",
    401: "请先登录",
    403: "无权访问",
    404: "未找到",
    405: "请求有误",
    409: "已被他人处理",
    413: "内容过大",
    422: "请求有误",
    500: "系统出错",
    503: "服务暂不可用",
}
_lines = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Answer every failure in one of the two shapes."""

    @app.exception_handler(HumiaoError)
    def known(request: Request, error: HumiaoError) -> Response:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
        if isinstance(error, NotSignedIn) and not _is_api(request) and request.method in SAFE:
            target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/sign-in?next={quote(target, safe='')}", status_code=303)
        response = answer(request, status, str(error))
        if isinstance(error, Unavailable):
            _lines.warning("unavailable", reason=str(error), path=request.url.path)
            response.headers["Retry-After"] = str(RETRY_AFTER)
        if isinstance(error, NotSignedIn):
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.exception_handler(HTTPException)
    def by_framework(request: Request, error: HTTPException) -> Response:
        response = answer(request, error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def misshapen(request: Request, error: RequestValidationError) -> Response:
        problems = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        return answer(request, 422, "; ".join(problems[:3]))

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> Response:
        _lines.error("failed", path=request.url.path, kind=type(error).__name__, exc_info=error)
        return answer(request, 500, "the failure was logged; tell whoever runs the system when it happened")


def answer(request: Request, status: int, detail: str) -> Response:
    """The failure as JSON under /api/ and for probes, as a page elsewhere."""
    if _is_api(request):
        return JSONResponse({"detail": detail}, status_code=status)
    title = TITLES.get(status, HTTPStatus(status).phrase)
    return page(request, "failure.html", status=status, title=title, code=status, detail=detail)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/") or request.url.path in {"/healthz", "/readyz", "/metrics"}
