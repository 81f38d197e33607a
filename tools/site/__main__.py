"""`python -m tools.site`."""

from tools.site import main

main()
