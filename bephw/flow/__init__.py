"""What the commands and the demo do, without a terminal: every stage returns its figures as a JSON-able dict."""
