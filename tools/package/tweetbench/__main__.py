"""`python -m tweetbench`: the command, for environments whose programs are not on the PATH."""

from tweetbench import main

main()
