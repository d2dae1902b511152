"""The portal's pages: a module per thing that a reader comes for."""
