"""What may a hospital's system do here with a token?"""
