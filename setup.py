"""What setup.cfg cannot say: `configs/` travels in the package, as `unlearnable_lightning/configs`.

The folder stays at the top, where a reader looks for it. A link into the package would not survive
a checkout on Windows.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["unlearnable_lightning*"]), "unlearnable_lightning.configs"],
    package_dir={"unlearnable_lightning.configs": "configs"},
)
