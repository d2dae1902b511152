"""How does a hospital's system ask for a prognosis while a chart is open? (CDS Hooks 2.0)."""
