"""The ledger: of the squared difference of paired pictures, the share that each step explains."""
