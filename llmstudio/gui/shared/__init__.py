"""What several tabs are built of."""
