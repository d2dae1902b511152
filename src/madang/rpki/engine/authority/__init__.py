"""The certification authority: who holds what, what is authorised, and the objects that say so.

The book holds what is wanted (entitlements, intents, keys) beside what was signed. Every act
changes the wanted side, and settling brings the signed side after it, in one transaction.
"""
