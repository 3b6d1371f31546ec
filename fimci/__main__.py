"""`python -m fimci`. Use `python -I -m fimci` where the current folder is not yours."""

import sys

from fimci.cli import main

sys.exit(main())
