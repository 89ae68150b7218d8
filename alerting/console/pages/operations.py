"""The page for those who keep the system running: what waits where. No text of a post, no name of a person."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from alerting.console.context import Here
from alerting.console.render import page
from alerting.console.vitals import queues, reachable, volumes

router = APIRouter(include_in_schema=False)
PORTS: Final = {"log": "消息日志", "store": "存储"}


@router.get("/operations")
def operations(request: Request, here: Here) -> Response:
    """Reachability of both ports, topics with their lag, sizes of the store."""
    problems = reachable(here)
    return page(
        request,
        "operations.html",
        ports=PORTS,
        problems=problems,
        queues=[] if problems["log"] else queues(here.log.get()),
        volumes=None if problems["store"] else volumes(here.store),
    )
