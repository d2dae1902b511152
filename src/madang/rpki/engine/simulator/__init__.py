"""Repositories made to order: seeded trees, with planted faults and hostile neighbours."""
