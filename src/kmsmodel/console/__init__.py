"""The console: its wizards as values, the requests that they make, and the page that shows them."""
