"""Does the fund do what the public money was given for?"""
