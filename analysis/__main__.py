"""`python -m analysis` is the command `gongbao`."""

import sys

from analysis.cli import main

sys.exit(main())
