"""Files as they arrive: listing, ledger, decisions and readers with an explicit contract."""
