"""`python -m website FOLDER`: what the site builder reads, written into a new folder."""

import sys
from pathlib import Path

from website.sources import write_sources

write_sources(Path(sys.argv[1]))
