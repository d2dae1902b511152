"""The engine of programme: lines, ledger, balances, forecast; no face and no database."""
