"""The planner's page and its API: scenarios, the ground they stand on, forbidden places, siting, adoption, exports."""
