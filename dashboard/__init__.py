"""A live board of open shelter beds for one community."""
