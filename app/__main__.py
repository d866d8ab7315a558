"""`python -m app` is `trellis`."""

from app.operations.cli import main

if __name__ == "__main__":
    main(prog_name="trellis")
