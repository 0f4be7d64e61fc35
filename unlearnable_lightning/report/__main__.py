"""`python -m unlearnable_lightning.report FOLDER`."""

import sys
from pathlib import Path

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.report.runs import report

if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
    sys.exit("usage: python -m unlearnable_lightning.report FOLDER, the folder of some runs")
try:
    print(report(Path(sys.argv[1])))
except UnlearnableError as error:
    sys.exit(str(error))
