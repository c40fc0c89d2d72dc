"""The maps of land: what is available, what each constraint takes, two tables of constraints compared."""
