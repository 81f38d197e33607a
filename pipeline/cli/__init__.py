"""The `tweetbench` command: one module for each group of commands; texts for people, exit codes for machines."""
