"""``python -m humiao``."""

from humiao.cli import main

main()
