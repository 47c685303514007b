"""The office: what the coordinator keeps true, one small blueprint for each subject.

``BLUEPRINTS`` are all of them, in the order of the office's menu (``templates/office/_menu.html``).
"""

from . import areas, cold, coldlog, devices, people, report, right, tonight, unmet

BLUEPRINTS = tuple(
    one.bp for one in (tonight, cold, coldlog, people, devices, areas, report, unmet, right)
)

__all__ = ["BLUEPRINTS"]
