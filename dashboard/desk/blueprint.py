"""The desk's blueprint, which every module of this room adds its views to."""

from flask import Blueprint

bp = Blueprint("desk", __name__)
