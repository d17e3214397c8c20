"""Projects onto strips or plots: a problem of arrays, solved with a proof, explained."""
