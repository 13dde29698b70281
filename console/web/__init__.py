"""The console in a browser, its API and feeds. Nothing here but presentation: what is shown comes from `storage`."""
