"""Where do files and tables lie? Objects named by content, tables with a declared schema."""
