"""Land into streets, blocks, strips and plots."""
