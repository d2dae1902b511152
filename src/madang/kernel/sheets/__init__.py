"""What stands in the cells of a table that somebody hands in, as a workbook or as CSV?"""
