"""What people read, made from the published folder alone: pages, charts and a workbook."""
