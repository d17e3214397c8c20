"""Years: infrastructure, windows, phases, lifecycle."""
