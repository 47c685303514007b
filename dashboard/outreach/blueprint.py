"""The outreach blueprint, which every module of this room adds its views to."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from .. import web
from ..store import StoreDown

bp = Blueprint("outreach", __name__)


@bp.errorhandler(StoreDown)
def unsure(error: StoreDown) -> ResponseReturnValue:
    return web.unsure(error)
