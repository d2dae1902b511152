"""How does the programme stand in the open, so that other programs can read it?"""
