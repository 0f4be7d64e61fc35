"""One file per method: a pure function or the hooks of the driver, and the module around them."""
