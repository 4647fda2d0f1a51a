"""``python -m clika``."""

from clika.cli import main

main()
