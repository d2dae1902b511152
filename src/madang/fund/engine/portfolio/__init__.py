"""What does the fund hold, what is it worth, and who gets what when it is sold?"""
