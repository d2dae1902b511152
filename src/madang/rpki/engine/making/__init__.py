"""Making objects: certificates, CRLs and signed objects, as their profiles ask or with one fault.

Each kind is made in two steps. A *draft* is a frozen value with every field of the object, filled
in as the norm asks; sealing a draft signs it. Whoever wants an object that breaks one rule (the
simulator, a test) replaces that field of the draft.
"""
