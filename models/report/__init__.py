"""Facts that writers can trust: a record of what is known, a report by template, and the check."""
