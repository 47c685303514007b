"""Telling a phone by Web Push that something it waits for has come: no word of what, or where.

``python -m dashboard.push`` is a process of its own beside the web server. It follows the board,
and speaks with nobody but the push services that an operator has allowed.
"""
