"""The demo world and its loopback platform server. Everything here is invented; no module outside the demo, the
tests and the benchmarks imports it."""
