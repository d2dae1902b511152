"""How does a prognosis follow the patient? Risk renewed at each visit."""
