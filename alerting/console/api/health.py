"""For machines that watch machines: health, readiness, metrics, the API's description."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from alerting.console.context import Here
from alerting.console.vitals import reachable
from humiao import metrics
from humiao.alert import Grade, Status
from humiao.errors import StoreUnavailable
from humiao.store import AlertFilter

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The process answers."""
    await asyncio.sleep(0)
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Log or store can't be reached; the body says which and why."}})
def ready(here: Here) -> Response:
    """Log and store are reachable."""
    problems = reachable(here)
    status = 503 if any(problems.values()) else 200
    return JSONResponse({name: why or "ok" for name, why in problems.items()}, status_code=status)


@router.get("/metrics")
def metric_values(here: Here) -> Response:
    """Metrics of this process in Prometheus' text format; ``humiao_alerts_open`` is read from the store at each call."""
    try:
        waiting = here.store.count_alerts(AlertFilter(statuses=frozenset({Status.OPEN})))
    except StoreUnavailable:
        metrics.ALERTS_OPEN.clear()  # an old number would look like a fresh one
    else:
        for grade in Grade:
            metrics.ALERTS_OPEN.labels(grade.value).set(waiting[grade])
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/openapi.json", include_in_schema=False)
async def description(request: Request) -> dict[str, Any]:
    """The OpenAPI description of this API."""
    await asyncio.sleep(0)
    document: dict[str, Any] = request.app.openapi()
    return document
