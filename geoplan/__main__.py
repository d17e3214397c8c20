"""Lets ``python -m geoplan`` run the command line."""

import sys

from geoplan.cli import main

if __name__ == "__main__":
    sys.exit(main())
