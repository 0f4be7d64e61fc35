"""Prints pip constraints: what `install_requires` names, at the lowest that setup.cfg allows."""

import configparser
import re
from pathlib import Path

setup = configparser.ConfigParser()
setup.read(Path(__file__).parents[1] / "setup.cfg")
for line in setup["options"]["install_requires"].split("\n"):
    found = re.match(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", line)
    if found:
        print(f"{found[1]}=={found[2]}")
