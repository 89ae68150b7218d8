"""The console as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import humiao
from alerting.console import failures
from alerting.console.access import STATIC
from alerting.console.api import alerts as api_alerts
from alerting.console.api import health
from alerting.console.api import posts as api_posts
from alerting.console.api import search as api_search
from alerting.console.context import Clock, make_context, utc_now
from alerting.console.gate import GATE
from alerting.console.headers import SecurityHeaders
from alerting.console.pages import alert, captures, findings, operations, queue, search, sign_in, sources
from humiao.settings import Settings
from humiao.store import Store

ROUTERS: Final = (
    sign_in.router,
    queue.router,
    alert.router,
    captures.router,
    findings.router,
    search.router,
    operations.router,
    sources.router,
    api_posts.router,
    api_alerts.router,
    api_search.router,
    health.router,
)
LARGEST_FORM: Final = 64 * 1024
"""Bytes of a request body, unless the route says otherwise."""


def create_app(settings: Settings, store: Store, *, clock: Clock = utc_now) -> FastAPI:
    """The application on `store`; the caller keeps the store open while it serves and closes it after.

    Args:
        settings: data folder (signing key, blobs), log and console settings.
        store: shared between threads.
        clock: the present in UTC.

    Raises:
        SettingsError: the signing key can't be made or read.
    """
    context = make_context(settings, store, clock)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        context.log.close()

    app = FastAPI(
        title="humiao 护苗",
        version=humiao.__version__,
        lifespan=life,
        dependencies=list(GATE),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=LARGEST_FORM,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.context = context
    for router in ROUTERS:
        app.include_router(router)
    app.mount(STATIC, StaticFiles(packages=[("alerting.console", "static")]), name="static")
    app.add_middleware(SecurityHeaders, https=settings.console.secure_cookies)
    failures.install(app)
    return app
