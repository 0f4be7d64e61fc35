"""What the command line says and reads: its parser, its help, its refusals."""
