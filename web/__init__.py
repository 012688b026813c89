"""What people and programs see: pages, API, tiles, push, jobs and the command line; web/app.py joins the pages."""
