"""What the owner teaches: taken, kept up to date, and given away as a file."""
