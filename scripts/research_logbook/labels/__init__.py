"""Which labels an experiment issue carries."""
