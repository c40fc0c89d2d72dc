"""The ways out to the tools of colleagues: QGIS, spreadsheets of shapes, phones in the field."""
