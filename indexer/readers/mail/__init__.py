"""Mail, calendars and address books."""
