"""When is a patient seen next, and who comes first?"""
