"""What lies below the download folder and whose it is: layout, records, locks, space."""
