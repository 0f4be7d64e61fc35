"""`python -m unlearnable_lightning` is `unlearnable`."""

from unlearnable_lightning.cli import main

if __name__ == "__main__":
    main()
