"""What will be really spent by the end of the year, and how sure is that?"""
