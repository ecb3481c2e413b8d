"""`python -m service.cli`: how the supervisor starts its children, wherever `saring` itself lies."""

from service.cli import main

main(prog_name="saring")
