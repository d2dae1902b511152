"""What does a hospital's record say in FHIR R4, may it be used, and how is the answer told?"""
